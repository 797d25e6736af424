import Classifiers
import Encoders
import Errors
import Files
import Models
import Saliency
import Tensors
import Training

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

/// Finished stages on disk, by name. A stage appears when it is complete, whatever happens.
package struct StageStore: Sendable {
    /// Where they lie.
    let folder: URL
    /// Does each write.
    let writing: ExperimentRun.Writing

    /// The stages in a folder.
    package init(folder: URL, writing: @escaping ExperimentRun.Writing = { try $0() }) {
        self.folder = folder
        self.writing = writing
    }

    /// Makes the folder, and removes what runs that were killed left in it.
    ///
    /// - Returns: what was removed, a line for each.
    /// - Throws: `WarrantError` where it cannot be made.
    func prepare() throws -> [String] {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch { throw WarrantError.unwritable(folder.path, errno) }
        // Stages of other runs that share the folder are nothing to speak of.
        return Leftovers.clear(in: folder.path, except: ModelFolder.isModel).filter {
            if case .inUse = $0 { false } else { true }
        }.map { $0.notice(of: folder.path) }
    }

    private func file(_ name: String) -> URL { folder.appendingPathComponent("\(name).json") }

    private func stageFolder(_ name: String) -> URL {
        folder.appendingPathComponent(name, isDirectory: true)
    }

    /// Keeps a stage as a folder, which another run may have kept meanwhile: then that one stays, for
    /// the same name is the same stage. What is no complete one is replaced.
    private func keepFolder(
        _ name: String, unless isKept: () -> Bool, _ write: (URL) throws -> Void
    ) throws {
        let folder = stageFolder(name)
        /// - Returns: whether the stage is kept; if not, nothing stands in its place.
        func makeRoom() throws -> Bool {
            if isKept() { return true }
            guard FileManager.default.fileExists(atPath: folder.path) else { return false }
            do { try FileManager.default.removeItem(at: folder) } catch {
                throw WarrantError(
                    .unwritable,
                    "\(folder.path): is incomplete and cannot be removed; remove the folder, so that "
                        + "it is made again")
            }
            return false
        }
        guard !isKept() else { return }
        try writing {
            // Before the write too, for a disk may have room for one.
            guard try !exclusively(makeRoom) else { return }
            let place = try PendingFolder(beside: folder, overwrites: false)
            do {
                try write(place.url)
                try exclusively {
                    if try makeRoom() { place.discard() } else { try place.commit() }
                }
            } catch {
                place.discard()
                throw error
            }
        }
    }

    /// Does what no other process that shares the folder does at the same time.
    private func exclusively<Result>(_ body: () throws -> Result) throws -> Result {
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw WarrantError.unwritable(folder.path, errno) }
        // Closing it gives the lock back. Where a file system has no locks, runs are on their own.
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
        return try body()
    }

    /// A stage that is kept as a folder.
    ///
    /// - Throws: what `body` throws, with what to do.
    private func read<Value>(
        folder name: String, _ body: (URL) throws -> Value
    ) throws -> Value {
        let folder = stageFolder(name)
        do { return try body(folder) } catch {
            throw WarrantError(
                .badData, "\(error); remove the folder \(folder.path), so that it is made again")
        }
    }

    // MARK: Results

    /// Whether a stage that is kept as a file is done.
    func has(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: file(name).path)
    }

    /// A stage that is kept as a file; nil: it is not done.
    ///
    /// - Parameter classes: how many classes the stage's model tells apart.
    /// - Throws: `WarrantError` naming a file that is not as it was written.
    package func value<Value: StageValue>(_ name: String, classes: Int) throws -> Value? {
        try read(file(name), classes: classes, toRemove: file(name))
    }

    /// Keeps a stage as a file.
    package func keep(_ value: some StageValue, as name: String) throws {
        let bytes = try encoded(value)
        try writing { try replaceFile(at: file(name), with: bytes) }
    }

    /// - Parameter stage: what a user removes, for the stage to be made again.
    private func read<Value: StageValue>(
        _ file: URL, classes: Int, toRemove stage: URL
    ) throws -> Value? {
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        guard let bytes = try? MappedFile.bytes(of: file.path, upTo: 1 << 30),
            let value = try? JSONDecoder().decode(Value.self, from: Data(bytes)),
            value.isConsistent(classes: classes)
        else {
            let name = stage == file ? "it" : "the folder \(stage.path)"
            throw WarrantError(
                .badData,
                "\(file.path): is not what an experiment wrote; remove \(name), so that it is made "
                    + "again")
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
    ///
    /// - Parameter classes: how many classes the model tells apart.
    /// - Throws: `WarrantError` naming the folder, where the scores are not as they were written.
    package func supportScores(_ name: String, classes: Int) throws -> StageScores? {
        let folder = stageFolder(name)
        return try read(
            folder.appendingPathComponent(Self.scoresName), classes: classes, toRemove: folder)
    }

    /// A model that is kept, with the very weights that were trained.
    ///
    /// - Parameter scores: what `supportScores` gave.
    /// - Throws: `WarrantError` naming the folder, where its files are not as they were written.
    package func support(_ name: String, _ scores: StageScores) throws -> SequenceClassifier {
        try read(folder: name) { folder in
            let files = FolderFiles(folder.path)
            guard try FileDigests.stage(files: FileDigests.files(files)) == scores.modelDigest
            else {
                throw WarrantError(.badData, "\(folder.path): is not the model that was trained")
            }
            return try SequenceClassifier(files)
        }
    }

    /// Keeps a model with its scores.
    package func keep(_ model: SequenceClassifier, _ scores: StageScores, as name: String) throws {
        let classes = model.labels.count
        try keepFolder(name, unless: { (try? supportScores(name, classes: classes)) != nil }) {
            try model.write(to: $0, as: .f32)
            var scores = scores
            scores.modelDigest = try FileDigests.stage($0)
            try writeFile(encoded(scores), to: $0.appendingPathComponent(Self.scoresName).path)
        }
    }

    // MARK: Saliency

    private static let saliencyName = "saliency.safetensors"

    /// Scores that are kept; nil: they are not.
    ///
    /// - Parameter words: how many words were read of each document.
    /// - Throws: `WarrantError` naming the folder, where the scores are not those of such documents.
    package func saliency(
        _ name: String, words: Splits<[Int]>
    ) throws -> Splits<[SaliencyMap]>? {
        guard FileManager.default.fileExists(atPath: stageFolder(name).path) else { return nil }
        return try read(folder: name) { folder in
            let file = try SafetensorsFile(
                path: folder.appendingPathComponent(Self.saliencyName).path)
            return try Self.setNames.zip(words).map { set, words in
                var scores = try file.floats(set)[...]
                guard scores.count == words.reduce(0, +), scores.allSatisfy({ (0...1) ~= $0 })
                else {
                    throw WarrantError(
                        .badData, "\(file.path): \(set) is not a score for each word of the data")
                }
                return words.map { count in
                    defer { scores = scores.dropFirst(count) }
                    return SaliencyMap(scores: Array(scores.prefix(count)))
                }
            }
        }
    }

    /// Keeps a score for each word.
    package func keep(_ maps: Splits<[SaliencyMap]>, as name: String) throws {
        let words = maps.map { $0.map(\.scores.count) }
        try keepFolder(name, unless: { (try? saliency(name, words: words)) != nil }) { folder in
            try writeSafetensors(
                Self.setNames.zip(maps).all.map { set, maps in
                    let scores = maps.flatMap(\.scores)
                    return SafetensorsTensor(name: set, shape: [scores.count], values: scores)
                }, metadata: [:], to: folder.appendingPathComponent(Self.saliencyName).path)
        }
    }

    private static let setNames = Splits(train: "train", dev: "dev", test: "test")
}

/// Writes a file that appears, in place of an older one, only when it is complete; a file that holds
/// these bytes already is left alone.
///
/// - Throws: `WarrantError` naming the file.
func replaceFile(at url: URL, with bytes: [UInt8]) throws {
    if let old = FileManager.default.contents(atPath: url.path), old.elementsEqual(bytes) { return }
    do { try replaceFile(at: url.path, with: bytes) } catch let error as FileError {
        throw WarrantError(error)
    }
}
