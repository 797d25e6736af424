#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What a trained model scored, as a stage keeps it.
struct StageScores: Codable, Sendable {
    let dev: TrainingRecord.Score
    let test: TrainingRecord.Score?
    let bestEpoch: Int
    /// The test documents' classes.
    let testLabels: [Int]
    /// The test documents' logits.
    let testLogits: [[Float]]
    /// The time that training took when it was done.
    let seconds: Double

    enum CodingKeys: String, CodingKey {
        case dev, test, seconds
        case bestEpoch = "best_epoch"
        case testLabels = "test_labels"
        case testLogits = "test_logits"
    }
}

/// Finished stages on disk, by name. A stage appears when it is complete, whatever happens.
struct StageStore: Sendable {
    /// Where they lie.
    let folder: URL

    /// Makes the folder.
    ///
    /// - Throws: `WarrantError` where it cannot be made.
    func prepare() throws {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch { throw WarrantError.unwritable(folder.path, errno) }
    }

    private func file(_ name: String) -> URL { folder.appendingPathComponent("\(name).json") }

    private func modelFolder(_ name: String) -> URL {
        folder.appendingPathComponent(name, isDirectory: true)
    }

    // MARK: Results

    /// Whether a stage that is kept as a file is done.
    func has(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: file(name).path)
    }

    /// A stage that is kept as a file; nil: it is not done.
    ///
    /// - Throws: `WarrantError` naming a file that is not as it was written.
    func value<Value: Decodable>(_ name: String) throws -> Value? { try read(file(name)) }

    /// Keeps a stage as a file.
    func keep(_ value: some Encodable, as name: String) throws {
        try replaceFile(at: file(name), with: encoded(value))
    }

    private func read<Value: Decodable>(_ file: URL) throws -> Value? {
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        guard let data = try? Data(contentsOf: file),
            let value = try? JSONDecoder().decode(Value.self, from: data)
        else {
            throw WarrantError(
                .badData,
                "\(file.path): is not what an experiment wrote; remove it, so that it is made again"
            )
        }
        return value
    }

    private func encoded(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value)) + Array("\n".utf8)
    }

    // MARK: Support models

    private static let scoresName = "scores.json"

    /// The scores of a model that is kept; nil: it is not.
    func supportScores(_ name: String) throws -> StageScores? {
        try read(modelFolder(name).appendingPathComponent(Self.scoresName))
    }

    /// A model that is kept, with the very weights that were trained.
    func support(_ name: String) throws -> SequenceClassifier {
        try SequenceClassifier(folder: modelFolder(name))
    }

    /// Keeps a model with its scores.
    func keep(_ model: SequenceClassifier, _ scores: StageScores, as name: String) throws {
        let place = try PendingFolder(for: modelFolder(name), overwrites: false)
        do {
            try model.write(to: place.url, as: .f32)
            try writeFile(
                encoded(scores), to: place.url.appendingPathComponent(Self.scoresName).path)
            try place.commit()
        } catch {
            place.discard()
            throw error
        }
    }

    /// Removes what this process was writing: before it is stopped.
    func removeUnfinished() {
        let mark = ".\(getpid()).partial"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names where name.hasPrefix(".") && name.hasSuffix(mark) {
            try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        }
    }
}

/// Writes a file that appears, in place of an older one, only when it is complete; a file that holds
/// these bytes already is left alone.
///
/// - Throws: `WarrantError` naming the file.
func replaceFile(at url: URL, with bytes: [UInt8]) throws {
    if let old = FileManager.default.contents(atPath: url.path), old.elementsEqual(bytes) { return }
    let temporary = url.deletingLastPathComponent()
        .appendingPathComponent(".\(url.lastPathComponent).\(getpid()).partial").path
    unlink(temporary)
    do {
        try writeFile(bytes, to: temporary)
        guard rename(temporary, url.path) == 0 else {
            throw WarrantError.unwritable(url.path, errno)
        }
    } catch {
        unlink(temporary)
        throw error
    }
}
