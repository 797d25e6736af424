import Classifiers
import Encoders
import Errors
import Files
import Fresh
import Models
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

/// Stages on disk, by name. A finished one appears when it is complete, whatever happens; one that has
/// not ended has a checkpoint in its place, `NAME.unfinished`.
package struct StageFolder: StageStore {
    /// Where they lie.
    let folder: URL
    private let pace: TrainingCheckpoint.Pace
    private let say: (String) -> Void
    private let writing: ExperimentRun.Writing

    /// The stages in a folder.
    ///
    /// - Parameters:
    ///   - pace: how often a stage is kept before its end.
    ///   - say: what people are told of stages that go on.
    ///   - writing: does each write.
    package init(
        folder: URL, pace: TrainingCheckpoint.Pace = .moderate,
        say: @escaping (String) -> Void = { _ in },
        writing: @escaping ExperimentRun.Writing = { try $0() }
    ) {
        self.folder = folder
        self.pace = pace
        self.say = say
        self.writing = writing
    }

    /// Makes the folder, and removes what runs that were killed left in it.
    ///
    /// - Returns: what was removed, a line for each.
    /// - Throws: `WarrantError` where it cannot be made.
    package func prepare() throws -> [String] {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch { throw WarrantError.unwritable(folder.path, errno) }
        // Stages of other runs that share the folder are nothing to speak of.
        return Leftovers.clear(in: folder.path, except: ModelFolder.isModel).filter {
            if case .inUse = $0 { false } else { true }
        }.map { $0.notice(of: folder.path) }
    }

    private func file(_ key: StageKey) -> URL {
        folder.appendingPathComponent("\(key.name).json")
    }

    private func stageFolder(_ key: StageKey) -> URL {
        folder.appendingPathComponent(key.name, isDirectory: true)
    }

    /// Keeps a stage as a folder, which another run may have kept meanwhile: then that one stays, for
    /// the same name is the same stage. What is no complete one is replaced.
    private func keepFolder(
        _ key: StageKey, unless isKept: () -> Bool, _ write: (URL) throws -> Void
    ) throws {
        let folder = stageFolder(key)
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
        folder key: StageKey, _ body: (URL) throws -> Value
    ) throws -> Value {
        let folder = stageFolder(key)
        do { return try body(folder) } catch {
            throw WarrantError(
                .badData, "\(error); remove the folder \(folder.path), so that it is made again")
        }
    }

    // MARK: Values

    /// Whether a stage that is kept as a value is done.
    func has(_ key: StageKey) -> Bool {
        FileManager.default.fileExists(atPath: file(key).path)
    }

    package func value<Value: Decodable>(
        _ key: StageKey, where isSound: (Value) -> Bool
    ) throws -> Value? {
        try read(file(key), toRemove: file(key), where: isSound)
    }

    package func keep(_ value: some Encodable, as key: StageKey) throws {
        let bytes = try encoded(value)
        try writing { try replaceFile(at: file(key), with: bytes) }
    }

    /// - Parameter stage: what a user removes, for the stage to be made again.
    private func read<Value: Decodable>(
        _ file: URL, toRemove stage: URL, where isSound: (Value) -> Bool
    ) throws -> Value? {
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        guard let bytes = try? MappedFile.bytes(of: file.path, upTo: 1 << 30),
            let value = try? JSONDecoder().decode(Value.self, from: Data(bytes)),
            isSound(value)
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

    // MARK: Models

    private static let scoresName = "scores.json"

    /// The scores of a model that is kept; nil: it is not.
    ///
    /// - Throws: `WarrantError` naming the folder, where the scores are not as they were written.
    private func scores(_ key: StageKey, classes: Int) throws -> StageScores? {
        let folder = stageFolder(key)
        return try read(folder.appendingPathComponent(Self.scoresName), toRemove: folder) {
            $0.isConsistent(classes: classes)
        }
    }

    package func model(_ key: StageKey, classes: Int) throws -> KeptModel? {
        try scores(key, classes: classes).map { scores in
            KeptModel(scores: scores) { try load(key, digest: scores.modelDigest) }
        }
    }

    /// - Throws: `WarrantError` naming the folder, where its files are not as they were written.
    private func load(_ key: StageKey, digest: String?) throws -> any TextClassifier {
        try read(folder: key) { folder in
            let files = FolderFiles(folder.path)
            guard try FileDigests.stage(files: FileDigests.files(files)) == digest else {
                throw WarrantError(.badData, "\(folder.path): is not the model that was trained")
            }
            return try TextClassifiers.open(files)
        }
    }

    package func keep(
        _ model: any TextClassifier, _ scores: StageScores, as key: StageKey
    ) throws {
        let classes = model.labels.count
        try keepFolder(key, unless: { (try? self.scores(key, classes: classes)) != nil }) {
            try model.write(to: $0, as: .f32)
            var scores = scores
            scores.modelDigest = try FileDigests.stage($0)
            try writeFile(encoded(scores), to: $0.appendingPathComponent(Self.scoresName).path)
        }
    }

    // MARK: Tensors

    private func tensorsFile(_ key: StageKey, in folder: URL) -> String {
        folder.appendingPathComponent("\(key.kind.name).safetensors").path
    }

    package func tensors<Value>(
        _ key: StageKey, called name: String, _ read: (SafetensorsFile) throws -> Value
    ) throws -> Value? {
        guard FileManager.default.fileExists(atPath: stageFolder(key).path) else { return nil }
        return try self.read(folder: key) { folder in
            let path = tensorsFile(key, in: folder)
            do { return try read(SafetensorsFile(path: path)) } catch let flaw as StageFlaw {
                throw WarrantError(.badData, "\(path): \(flaw.problem)")
            }
        }
    }

    package func keep(_ tensors: [SafetensorsTensor], as key: StageKey) throws {
        func isKept() -> Bool {
            let path = tensorsFile(key, in: stageFolder(key))
            guard let file = try? SafetensorsFile(path: path) else { return false }
            return tensors.allSatisfy { file.entry($0.name)?.shape == $0.shape }
        }
        try keepFolder(key, unless: isKept) {
            try writeSafetensors(tensors, metadata: [:], to: tensorsFile(key, in: $0))
        }
    }

    // MARK: Unfinished stages

    private func unfinishedFolder(_ key: StageKey) -> String {
        folder.appendingPathComponent("\(key.name).unfinished").path
    }

    /// The checkpoint of a stage. One that is damaged, or of another version or machine, is replaced;
    /// where another run is making the same stage, it alone keeps it.
    package func unfinished(_ key: StageKey, called name: String) throws -> UnfinishedStage? {
        let path = unfinishedFolder(key)
        func checkpoint(resumes: Bool) throws -> TrainingCheckpoint {
            try TrainingCheckpoint(
                folder: path, run: RunIdentity(key), resumes: resumes, pace: pace,
                remedy: "remove the folder \(path), so that it starts again", say: say,
                writing: writing)
        }
        do {
            return UnfinishedStage(try checkpoint(resumes: true), key, called: name)
        } catch let error as WarrantError where error.kind == .badData {
            say("\(error): this is done now")
        } catch let error as WarrantError where error.kind == .unwritable { return nil }
        return (try? checkpoint(resumes: false)).map { UnfinishedStage($0, key, called: name) }
    }

    package func removeUnfinished(_ key: StageKey) {
        TrainingCheckpoint.remove(unfinishedFolder(key))
    }
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
