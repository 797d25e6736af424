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

/// A trained model on disk: `warrant.json` and a Hugging Face folder for each stage.
public struct ModelFolder: Sendable {
    /// Where it is.
    public let url: URL
    /// What `warrant.json` says.
    public let manifest: ModelManifest

    /// The stages' folders.
    enum Stage: String, CaseIterable {
        case support, extractor, classifier
    }

    /// The stages that a model has: an extractor only where a tagger was trained.
    static func stages(_ manifest: ModelManifest) -> [Stage] {
        Stage.allCases.filter { $0 != .extractor || manifest.usesTagger }
    }

    /// The manifest's file name.
    static let manifestName = "warrant.json"

    func folder(_ stage: Stage) -> URL {
        url.appendingPathComponent(stage.rawValue, isDirectory: true)
    }

    /// The SHA-256 of each file of a stage, by the file's name.
    func files(_ stage: Stage) -> [String: String] {
        let prefix = stage.rawValue + "/"
        var files: [String: String] = [:]
        for (path, digest) in manifest.files where path.hasPrefix(prefix) {
            files[String(path.dropFirst(prefix.count))] = digest
        }
        return files
    }

    /// Opens a model folder and checks every file against the manifest's digests.
    ///
    /// - Throws: `WarrantError` naming the file: a missing one, an altered one, an unknown format.
    /// - Complexity: O(size of the files).
    public init(_ url: URL, workers: Workers) throws {
        self.url = url
        let file = url.appendingPathComponent(Self.manifestName)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw WarrantError(
                .missingInput,
                "\(url.path): not found; give --model the folder that warrant train wrote")
        }
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw WarrantError(
                .missingInput,
                "\(file.path): not found; expected a model folder that warrant train wrote")
        }
        let bytes = try MappedFile.bytes(of: file.path)
        let data = Data(bytes)
        struct Format: Decodable { var format_version: Int }
        guard let format = try? JSONDecoder().decode(Format.self, from: data) else {
            throw WarrantError(
                .badData, "\(file.path): expected a JSON object with a number \"format_version\"")
        }
        guard ModelManifest.knownFormats.contains(format.format_version) else {
            throw WarrantError(
                .badData,
                "\(file.path): format version \(format.format_version); this version of warrant reads "
                    + "\(ModelManifest.knownFormats.lowerBound) to "
                    + "\(ModelManifest.knownFormats.upperBound): use a matching version, or train again"
            )
        }
        // First, so that an altered value is called altered and not wrong.
        if format.format_version >= 4 { try ManifestDigest.check(bytes, file: file.path) }
        do { manifest = try JSONDecoder().decode(ModelManifest.self, from: data) } catch {
            throw WarrantError(.badData, "\(file.path): \(Self.describe(error))")
        }
        try checkFiles(file.path, workers: workers)
    }

    private func checkFiles(_ manifestPath: String, workers: Workers) throws {
        for stage in Self.stages(manifest) {
            for name in ["config.json", "model.safetensors"] {
                let path = "\(stage.rawValue)/\(name)"
                guard manifest.files[path] != nil else {
                    throw WarrantError(.badData, "\(manifestPath): lists no digest for \(path)")
                }
            }
        }
        // Names come from the file: only those that this package writes are opened.
        let known = Set(
            Self.stages(manifest).flatMap { stage in
                FileDigests.stageFiles.map { "\(stage.rawValue)/\($0)" }
            })
        let paths = manifest.files.keys.sorted()
        for path in paths where !known.contains(path) {
            throw WarrantError(.badData, "\(manifestPath): lists an unknown file \"\(path)\"")
        }
        // A file that is there but has no digest could change what a stage does.
        for path in known where manifest.files[path] == nil {
            guard FileManager.default.fileExists(atPath: url.appendingPathComponent(path).path)
            else { continue }
            throw WarrantError(
                .badData,
                "\(url.appendingPathComponent(path).path): not listed in \(Self.manifestName); "
                    + "remove it, or train again")
        }
        let (url, files) = (url, manifest.files)
        let problems = workers.map(paths.count) { index, _ -> (any Error)? in
            let file = url.appendingPathComponent(paths[index])
            let digest: String
            do {
                digest = try FileDigests.sha256(file: file)
            } catch  where FileManager.default.fileExists(atPath: file.path) {
                return error
            } catch {
                return WarrantError(
                    .missingInput,
                    "\(file.path): not found, but \(Self.manifestName) lists it; the model folder is "
                        + "incomplete: copy it again")
            }
            guard digest == files[paths[index]] else {
                return WarrantError(
                    .badData,
                    "\(file.path): the contents do not match the SHA-256 in \(Self.manifestName); "
                        + "the file was altered or damaged: copy the model again")
            }
            return nil
        }
        if let problem = problems.compactMap({ $0 }).first { throw problem }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.map(\.stringValue).joined(separator: ".")
    }

    private static func describe(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            "\"\(place(context.codingPath + [key]))\" is missing"
        case DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context):
            "\"\(place(context.codingPath))\" has the wrong type"
        case let error as ThresholderError: error.description
        case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
            context.debugDescription
        default: "not a JSON object as warrant train writes it"
        }
    }
}

/// A folder that appears at its place only when it is complete.
///
/// It is made beside its place at once, so that an unwritable one is found before the work and not
/// after.
public struct PendingFolder: Sendable {
    /// Where to write.
    public let url: URL
    private let destination: URL
    private let overwrites: Bool

    /// Marks what this process has not finished. A process number alone may be that of a process
    /// that was killed, or of one in another container that shares the folder.
    static let mark = "\(getpid())-\(String(UInt32.random(in: 0 ... .max), radix: 16))"

    /// Makes a hidden sibling of `destination`.
    ///
    /// - Parameter remedy: what to do where something stands there.
    /// - Throws: `WarrantError` where something stands there already (unless `overwrites`), or
    ///   where the place is not writable.
    public init(
        for destination: URL, overwrites: Bool, remedy: String = "give another --output"
    ) throws {
        // A link stays a link: what it points to is written.
        let destination = destination.standardizedFileURL.resolvingSymlinksInPath()
        if FileManager.default.fileExists(atPath: destination.path) {
            guard overwrites else {
                throw WarrantError(
                    .unwritable,
                    "\(destination.path): exists already; \(remedy)")
            }
            let manifest = destination.appendingPathComponent(ModelFolder.manifestName)
            guard FileManager.default.fileExists(atPath: manifest.path) else {
                throw WarrantError(
                    .unwritable,
                    "\(destination.path): is not a model folder, so it is not overwritten; give another "
                        + "--output")
            }
        }
        try self.init(beside: destination, overwrites: overwrites)
    }

    /// Makes a hidden sibling of `destination`, whatever stands there.
    ///
    /// - Throws: `WarrantError` where the place is not writable.
    init(beside destination: URL, overwrites: Bool) throws {
        let parent = destination.deletingLastPathComponent()
        let name = ".\(destination.lastPathComponent).\(Self.mark).partial"
        url = parent.appendingPathComponent(name, isDirectory: true)
        self.destination = destination
        self.overwrites = overwrites
        do {
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        } catch {
            throw WarrantError(
                .unwritable,
                "\(destination.path): cannot be written; check that \(parent.path) is a writable "
                    + "folder")
        }
    }

    /// Puts the folder in its place, in place of what stood there.
    public func commit() throws {
        let old = url.deletingLastPathComponent().appendingPathComponent(
            ".\(destination.lastPathComponent).\(Self.mark).replaced", isDirectory: true)
        if overwrites { _ = rename(destination.path, old.path) }
        guard rename(url.path, destination.path) == 0 else {
            let reason = String(cString: strerror(errno))
            _ = rename(old.path, destination.path)
            // The work is not thrown away.
            let kept = "\(destination.path).finished.\(Self.mark)"
            let place = rename(url.path, kept) == 0 ? "; the finished folder is \(kept)" : ""
            throw WarrantError(
                .unwritable, "\(destination.path): cannot be put in place (\(reason))\(place)")
        }
        try? FileManager.default.removeItem(at: old)
    }

    /// Removes what was written; nothing is left, even while another thread is still writing.
    public func discard() {
        // Under another name first: whoever is writing finds no folder to make another file in.
        let discarded = url.deletingLastPathComponent().appendingPathComponent(
            ".\(destination.lastPathComponent).\(Self.mark).discarded", isDirectory: true)
        guard rename(url.path, discarded.path) == 0 else { return }
        try? FileManager.default.removeItem(at: discarded)
    }
}
