import Classifiers
import Errors
import Files
import Tensors

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The folder from which a training that was killed goes on: the finished stages, the model that is
/// being trained with its optimizer's moments, and how far it is.
///
/// Numbers lie in files that are written once and never changed. `checkpoint.json` names those that
/// belong together, with their digests; it is exchanged in one step when they are on the disk, and
/// only then those that it names no more are removed. So the folder holds a whole checkpoint at any
/// moment.
///
/// What may come from anywhere is checked when it is opened: names, sizes, digests, and that it is of
/// the same run (`RunIdentity`); shapes are checked where tensors are read.
package final class TrainingCheckpoint {
    /// How often checkpoints are written.
    package enum Pace: Sendable, Equatable {
        /// At the ends of epochs and every minute, and so seldom that no more than a thirtieth of the
        /// time goes into it.
        case moderate
        /// At the ends of epochs, and each time that so many seconds have passed since the last; 0: at
        /// the ends of epochs alone.
        case every(seconds: Double)
    }

    /// Does a write.
    package typealias Writing = (_ body: () throws -> Void) throws -> Void

    /// Where it lies.
    package let folder: String
    /// Whether the folder holds something of this run to go on from.
    package private(set) var isKept = false
    /// Whether the folder holds a checkpoint that the first write replaces.
    package private(set) var isReplaced = false

    private let pace: Pace
    private let remedy: String
    private let say: (String) -> Void
    private let writing: Writing
    /// As it is on the disk after the next write.
    var manifest: CheckpointManifest
    /// The stages that are as the folder was found with them, by name: what is kept of them can be
    /// read.
    private var unchanged: Set<String> = []
    /// What is in no file yet, by the file's name.
    private var pending: [String: CheckpointFile] = [:]
    /// The files of the checkpoint that was opened.
    private let opened: FolderFiles
    private let mark: String
    /// The files that belong to what is on the disk; nil: to a checkpoint that was not read.
    private var onDisk: Set<String>? = []
    private var lock: FolderLock?
    private var lastWrite = ContinuousClock.now
    private var lastSeconds = 0.0
    private var hasComplained = false

    /// Opens the checkpoint that a folder holds, or one that is made there when there is something to
    /// keep.
    ///
    /// - Parameters:
    ///   - resumes: whether to go on from what the folder holds; if not, the first write replaces it.
    ///   - remedy: what is to be done about one that is damaged.
    ///   - say: what people are told.
    ///   - writing: does each write; a caller may see to it that it is not left half-done.
    /// - Throws: `WarrantError` of kind `badData` for a checkpoint that is damaged or of another run,
    ///   `unwritable` for a folder that is no checkpoint, or that another run holds.
    package init(
        folder: String, run: RunIdentity, resumes: Bool, pace: Pace,
        remedy: String = "start again without --resume",
        say: @escaping (String) -> Void, writing: @escaping Writing = { try $0() }
    ) throws {
        self.folder = folder
        self.pace = pace
        self.remedy = remedy
        self.say = say
        self.writing = writing
        mark = String(run.digest.prefix(8))
        opened = FolderFiles(folder)
        manifest = CheckpointManifest(run: run)
        lock = try Self.lock(folder)
        let hasManifest = opened.has(CheckpointManifest.fileName)
        guard hasManifest || lock == nil || Self.isOurs(folder) else {
            throw WarrantError(
                .unwritable,
                "\(folder): is not a checkpoint of a training, for which this place is needed; move it "
                    + "away, or give another --output")
        }
        guard hasManifest else { return }
        guard resumes else {
            (onDisk, isReplaced) = (nil, true)
            return
        }
        manifest = try open(run)
        unchanged = Set(manifest.stages.keys)
        onDisk = Set(manifest.files.keys)
        isKept = true
        // What a run left that was killed as it wrote.
        removeFiles { TemporaryName.isOurs($0, of: nil) }
    }

    /// - Returns: nil where there is no folder.
    private static func lock(_ folder: String) throws -> FolderLock? {
        guard (try? FileManager.default.attributesOfItem(atPath: folder)) != nil else { return nil }
        do {
            if let lock = try FolderLock(folder) { return lock }
        } catch { throw WarrantError(error) }
        throw WarrantError(
            .unwritable,
            "\(folder): another run is writing it; wait until that has ended, or give another --output"
        )
    }

    /// Whether a folder without a manifest holds nothing but what checkpoints leave.
    private static func isOurs(_ folder: String) -> Bool {
        let entries = (try? FolderEntry.all(in: folder)) ?? []
        return entries.allSatisfy { entry in
            entry.name.map(isCheckpointName) ?? false
        }
    }

    private static func isCheckpointName(_ name: String) -> Bool {
        name == CheckpointManifest.fileName || CheckpointManifest.isFileName(name)
            || TemporaryName.isOurs(name, of: nil)
    }

    /// Tells people what a checkpoint saves.
    func announce(_ line: String) { say(line) }

    // MARK: Reading

    /// The error for something in the folder that is not as it was written.
    func damage(_ file: String, _ problem: String) -> WarrantError {
        WarrantError(
            .badData,
            "\(opened.path(of: file)): \(problem); \(remedy)")
    }

    private func open(_ run: RunIdentity) throws -> CheckpointManifest {
        let name = CheckpointManifest.fileName
        let manifest: CheckpointManifest
        do {
            let bytes = try opened.bytes(name, upTo: CheckpointManifest.largestSize) ?? []
            manifest = try CheckpointManifest(bytes, file: opened.path(of: name))
        } catch let flaw as StageFlaw {
            throw damage(name, flaw.problem)
        } catch let error as any DescribedError {
            throw damage(name, error.problem)
        }
        let differences = run.differences(from: manifest.run)
        guard differences.isEmpty else {
            let shown = differences.prefix(4).joined(separator: ", ")
            throw WarrantError(
                .badData,
                "\(folder): is the checkpoint of another run: \(shown)"
                    + (differences.count > 4 ? " and \(differences.count - 4) more" : "")
                    + "; give the command, data and encoder of that run, or \(remedy)")
        }
        for (name, file) in manifest.files.sorted(by: { $0.key < $1.key }) {
            let mapped = try self.file(name)
            guard mapped.count == file.bytes else {
                throw damage(name, "has \(mapped.count) bytes, expected \(file.bytes)")
            }
            guard FileDigests.sha256(mapped) == file.sha256 else {
                throw damage(name, "does not match its sha256; it was altered or damaged")
            }
        }
        return manifest
    }

    /// A file of the checkpoint that was opened.
    func file(_ name: String) throws -> MappedFile {
        do {
            guard let file = try opened.file(name) else { throw damage(name, "is missing") }
            return file
        } catch let error as FileError { throw damage(name, error.problem) }
    }

    /// What is in a file as tensors, read by `body`.
    ///
    /// - Throws: `WarrantError` with what to do, for a file that is not sound or lacks a tensor.
    func readTensors<Value>(
        _ name: String, _ body: (SafetensorsFile) throws -> Value
    ) throws -> Value {
        do { return try body(SafetensorsFile(file(name))) } catch let error as SafetensorsError {
            throw damage(name, error.problem)
        } catch let flaw as StageFlaw { throw damage(name, flaw.problem) }
    }

    /// What the folder was found with of a stage; nil: nothing, or it has changed since.
    func found(_ name: String) -> CheckpointManifest.Stage? {
        unchanged.contains(name) ? manifest.stages[name] : nil
    }

    // MARK: Writing

    /// The name of a file of this run.
    func fileName(_ parts: String..., type: String = "safetensors") -> String {
        (parts + [mark]).joined(separator: "-") + "." + type
    }

    /// Changes what is to be kept of a stage.
    ///
    /// - Parameters:
    ///   - stage: refers to files that are there and to new ones.
    ///   - files: what new files hold; those that are on the disk, or wait for it, stay as they are.
    func keep(_ stage: CheckpointManifest.Stage, as name: String, _ files: [String: CheckpointFile])
    {
        manifest.stages[name] = stage
        unchanged.remove(name)
        for (name, file) in files where manifest.files[name] == nil && pending[name] == nil {
            pending[name] = file
        }
        dropFiles()
    }

    /// Keeps no longer what belongs to a run of several, but for the run itself.
    package func drop(ownedBy owner: String) {
        manifest.stages = manifest.stages.filter {
            $0.value.owner != owner || $0.key == owner
        }
        unchanged.formIntersection(manifest.stages.keys)
        dropFiles()
    }

    /// Keeps no longer what is kept under a name.
    func drop(_ name: String) {
        manifest.stages[name] = nil
        unchanged.remove(name)
        dropFiles()
    }

    private func dropFiles() {
        let referenced = manifest.referenced
        pending = pending.filter { referenced.contains($0.key) }
    }

    /// Whether it is time to write.
    ///
    /// - Parameters:
    ///   - isMilestone: an epoch or a stage has just ended.
    ///   - bytes: how much would be written, about.
    func isDue(isMilestone: Bool, bytes: Int) -> Bool {
        let seconds = (ContinuousClock.now - lastWrite) / .seconds(1)
        switch pace {
        case .every(let wanted): return isMilestone || (wanted > 0 && seconds >= wanted)
        case .moderate:
            // Not known before the first time: as on a disk that is not fast.
            let cost = max(lastSeconds, 0.02 + Double(bytes) / 3e8)
            return (isMilestone || seconds >= 60) && seconds >= 30 * cost
        }
    }

    /// Writes what has changed, where it is time to.
    func writeIfDue(isMilestone: Bool) {
        let bytes = pending.values.reduce(0) { $0 + $1.size }
        if isDue(isMilestone: isMilestone, bytes: bytes) { write() }
    }

    /// Writes what has changed. Where that fails the training goes on, and the next time is tried
    /// again.
    func write() {
        let begin = ContinuousClock.now
        defer {
            lastWrite = ContinuousClock.now
            lastSeconds = (lastWrite - begin) / .seconds(1)
        }
        do {
            try writing {
                try writeFiles()
                isKept = true
            }
        } catch {
            removeUnused()
            guard !hasComplained else { return }
            hasComplained = true
            say("\(error): training goes on, without a checkpoint of this moment")
        }
    }

    private func writeFiles() throws {
        if lock == nil {
            try makeFolder(folder)
            lock = try Self.lock(folder)
        }
        let referenced = manifest.referenced
        var files = manifest.files.filter { referenced.contains($0.key) }
        for name in referenced.sorted() where files[name] == nil {
            guard let file = pending[name] else {
                preconditionFailure("\(name) is neither on the disk nor at hand")
            }
            let path = "\(folder)/\(name)"
            try file.write(path)
            let digest = try FileDigests.written(path)
            files[name] = .init(bytes: digest.bytes, sha256: digest.sha256)
        }
        manifest.files = files
        let name = CheckpointManifest.fileName
        try replaceFile(at: "\(folder)/\(name)", with: manifest.bytes())
        pending = [:]
        onDisk = Set(files.keys)
        removeUnused()
    }

    /// Removes what is not of the checkpoint that is on the disk, and the folder where there is none.
    private func removeUnused() {
        guard lock != nil, let onDisk else { return }
        removeFiles { $0 != CheckpointManifest.fileName && !onDisk.contains($0) }
        if !isKept, onDisk.isEmpty { lock = nil }
    }

    /// Removes the checkpoint, also one of another run that lies there: the model stands in its place.
    package func remove() {
        guard lock != nil else { return }
        // First what says that the others belong together.
        removeFiles { $0 == CheckpointManifest.fileName }
        removeFiles { _ in true }
        (isKept, onDisk, lock) = (false, [], nil)
    }

    /// Removes the checkpoint that a folder holds, where there is one and no other run holds it.
    package static func remove(_ folder: String) {
        guard let lock = try? Self.lock(folder), isOurs(folder) else { return }
        withExtendedLifetime(lock) {
            removeFiles(of: folder) { $0 == CheckpointManifest.fileName }
            removeFiles(of: folder) { _ in true }
        }
    }

    private func removeFiles(_ isDone: (String) -> Bool) {
        Self.removeFiles(of: folder, isDone)
    }

    /// Removes files of checkpoints, no others; and the folder, where nothing is left in it.
    private static func removeFiles(of folder: String, _ isDone: (String) -> Bool) {
        let entries = (try? FolderEntry.all(in: folder)) ?? []
        removeFolder(
            folder,
            files: entries.compactMap(\.name).filter { isCheckpointName($0) && isDone($0) })
    }
}
