import Classifiers
import Datasets
import Errors
import Files
import JSON
import Rationales
import Tensors

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A trained model on disk: `warrant.json` and a Hugging Face folder for each stage.
public struct ModelFolder: Sendable {
    /// Where it is.
    public let url: URL
    /// What `warrant.json` says.
    public let manifest: ModelManifest

    /// The stages' folders.
    package enum Stage: String, CaseIterable {
        case support, extractor, classifier
    }

    /// The stages that a model has: an extractor only where a tagger was trained.
    package static func stages(_ manifest: ModelManifest) -> [Stage] {
        Stage.allCases.filter { $0 != .extractor || manifest.usesTagger }
    }

    /// The manifest's file name.
    package static let manifestName = "warrant.json"

    /// Whether a folder holds a complete model, which has a manifest, and nothing else at any depth:
    /// other files must not be removed with it.
    package static func isModel(_ path: String) -> Bool {
        guard let entries = try? FolderEntry.all(in: path) else { return false }
        let byTheSystem = ".DS_Store"
        return entries.contains { $0.name == manifestName }
            && entries.allSatisfy { entry in
                guard let name = entry.name else { return false }
                guard Stage(rawValue: name) != nil else {
                    return [manifestName, "README.md", byTheSystem].contains(name)
                }
                let files = (try? FolderEntry.all(in: "\(path)/\(name)")) ?? []
                return files.allSatisfy { file in
                    file.name.map { FileDigests.stageFiles.contains($0) || $0 == byTheSystem }
                        ?? false
                }
            }
    }

    /// Each stage's files, opened when the folder was checked: what was digested is what is used.
    private let stageFiles: [Stage: FolderFiles]

    package func files(_ stage: Stage) -> FolderFiles {
        guard let files = stageFiles[stage] else {
            preconditionFailure("a stage that is not there")
        }
        return files
    }

    /// The SHA-256 of each file of a stage, by the file's name.
    package func digests(_ stage: Stage) -> [String: String] {
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
        let root = FolderFiles(url.path)
        let file = root.path(of: Self.manifestName)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw WarrantError(
                .missingInput,
                "\(url.path): not found; give --model the folder that warrant train wrote")
        }
        guard let bytes = try root.bytes(Self.manifestName) else {
            throw WarrantError(
                .missingInput,
                "\(file): not found; expected a model folder that warrant train wrote")
        }
        let json: JSONValue
        do { json = try JSONValue(json: bytes, file: file) } catch let error as JSONError {
            let line = error.line > 1 ? "line \(error.line): " : ""
            throw WarrantError(.badData, "\(file): \(line)\(error.problem); copy the model again")
        }
        guard let format = json["format_version"]?.integer else {
            throw WarrantError(
                .badData,
                "\(file): expected a JSON object with a whole number \"format_version\"")
        }
        guard ModelManifest.knownFormats.contains(format) else {
            throw WarrantError(
                .badData,
                "\(file): format version \(format); this version of warrant reads "
                    + "\(ModelManifest.knownFormats.lowerBound) to "
                    + "\(ModelManifest.knownFormats.upperBound): use a matching version, or train again"
            )
        }
        // First, so that an altered value is called altered and not wrong.
        if format >= 4 { try ManifestDigest.check(bytes, file: file) }
        do { manifest = try json.decoded() } catch {
            throw WarrantError(.badData, "\(file): \(Self.describe(error))")
        }
        stageFiles = Dictionary(
            uniqueKeysWithValues: Self.stages(manifest).map {
                ($0, FolderFiles(root.path(of: $0.rawValue)))
            })
        try checkFiles(file, workers: workers)
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
        let known = Dictionary(
            uniqueKeysWithValues: Self.stages(manifest).flatMap { stage in
                FileDigests.stageFiles.map {
                    ("\(stage.rawValue)/\($0)", (folder: files(stage), name: $0))
                }
            })
        let paths = manifest.files.keys.sorted()
        for path in paths where known[path] == nil {
            throw WarrantError(.badData, "\(manifestPath): lists an unknown file \"\(path)\"")
        }
        // A file that is there but has no digest could change what a stage does.
        for (path, place) in known.sorted(by: { $0.key < $1.key })
        where manifest.files[path] == nil {
            guard try place.folder.file(place.name) != nil else { continue }
            throw WarrantError(
                .badData,
                "\(place.folder.path(of: place.name)): not listed in \(Self.manifestName); "
                    + "remove it, or train again")
        }
        let digests = manifest.files
        let problems = workers.map(paths.count) { index, _ -> (any Error)? in
            guard let place = known[paths[index]] else { return nil }
            let path = place.folder.path(of: place.name)
            let file: MappedFile?
            do { file = try place.folder.file(place.name) } catch { return error }
            guard let file else {
                return WarrantError(
                    .missingInput,
                    "\(path): not found, but \(Self.manifestName) lists it; the model folder is "
                        + "incomplete: copy it again")
            }
            let digest = FileDigests.sha256(file)
            guard digest == digests[paths[index]] else {
                return WarrantError(
                    .badData,
                    "\(path): the contents do not match the SHA-256 in \(Self.manifestName); "
                        + "the file was altered or damaged: copy the model again")
            }
            return nil
        }
        if let problem = problems.compactMap({ $0 }).first { throw problem }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.map { key in key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }.joined()
            .drop { $0 == "." }.description
    }

    private static func describe(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            "\"\(place(context.codingPath + [key]))\" is missing"
        case DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context):
            "\"\(place(context.codingPath))\" has the wrong type"
        case let error as ThresholderError: error.description
        case DecodingError.dataCorrupted(let context):
            (context.underlyingError as? UnfitNumber).map {
                "\"\(place(context.codingPath))\" \($0)"
            }
                ?? context.debugDescription
        default: "\(error)"
        }
    }
}
