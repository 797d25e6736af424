import Classifiers
import Encoders
import Errors
import Files
import Tensors

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

extension RationaleModel {
    /// Writes the model as a folder that `RationaleModel(folder:)` opens: a Hugging Face folder for
    /// each stage, `warrant.json` with the files' digests, and a model card. The same model gives
    /// the same bytes.
    ///
    /// ```swift
    /// let place = try PendingFolder(for: URL(filePath: "model"), overwrites: false)
    /// try outcome.model.write(to: place.url, encoder: encoder, as: .bf16, card: card)
    /// try place.commit()
    /// ```
    ///
    /// - Parameters:
    ///   - folder: an empty folder, such as `PendingFolder.url`.
    ///   - encoder: the folder whose tokenizer files are copied.
    ///   - format: how weights are stored.
    ///   - card: what the model card says of the data.
    /// - Throws: `WarrantError` naming the file that cannot be written.
    public func write(
        to folder: URL, encoder: URL, as format: FloatFormat, card: ModelCard
    ) throws {
        try write(
            to: folder, tokenizer: Self.tokenizerFiles(of: FolderFiles(encoder.path)), as: format,
            card: card)
    }

    /// The same with the files of the tokenizer that all stages have.
    package func write(
        to folder: URL, tokenizer: [(name: String, bytes: [UInt8])], as format: FloatFormat,
        card: ModelCard
    ) throws {
        var manifest = manifest
        manifest.files = [:]
        var models: [(ModelFolder.Stage, (URL) throws -> Void)] = [
            (.support, { try self.support.write(to: $0, as: format) }),
            (.classifier, { try self.classifier.model.write(to: $0, as: format) }),
        ]
        if case .tagger(let tagger) = extractor.source {
            models.append((.extractor, { try tagger.write(to: $0, as: format) }))
        }
        for (stage, write) in models {
            let stageFolder = folder.appendingPathComponent(stage.rawValue, isDirectory: true)
            try Self.write(tokenizer, to: stageFolder, with: write)
            for (name, digest) in try FileDigests.files(in: stageFolder) {
                manifest.files["\(stage.rawValue)/\(name)"] = digest
            }
        }
        try writeFile(
            manifest.file(), to: folder.appendingPathComponent(ModelFolder.manifestName).path)
        try writeFile(
            Array(card.text(manifest).utf8), to: folder.appendingPathComponent("README.md").path)
    }

    /// The files of an encoder's tokenizer, as every stage's folder has them.
    ///
    /// - Throws: `FileError` for one that cannot be read.
    package static func tokenizerFiles(
        of encoder: FolderFiles
    ) throws -> [(name: String, bytes: [UInt8])] {
        let weights: Set = ["config.json", "model.safetensors"]
        return try FileDigests.stageFiles.filter { !weights.contains($0) }.compactMap { name in
            try encoder.bytes(name, upTo: 256 << 20).map { (name, $0) }
        }
    }

    private static func write(
        _ tokenizer: [(name: String, bytes: [UInt8])], to folder: URL,
        with write: (URL) throws -> Void
    ) throws {
        guard mkdir(folder.path, 0o777) == 0 else {
            throw WarrantError.unwritable(folder.path, errno)
        }
        try write(folder)
        for (name, bytes) in tokenizer {
            try writeFile(bytes, to: folder.appendingPathComponent(name).path)
        }
    }
}

/// Writes a new file and waits until it is on the disk.
///
/// - Throws: `WarrantError` naming the file.
package func writeFile(_ bytes: [UInt8], to path: String) throws {
    do { try writeNewFile(bytes, to: path) } catch { throw WarrantError(error) }
}

extension TextClassifier {
    /// `save`, with a `WarrantError` that names the file where the place cannot be written.
    package func write(to folder: URL, as format: FloatFormat) throws {
        try unwritable { try save(to: folder, as: format) }
    }
}

extension TokenTagger {
    /// `save`, with a `WarrantError` that names the file where the place cannot be written.
    package func write(to folder: URL, as format: FloatFormat) throws {
        try unwritable { try save(to: folder, as: format) }
    }
}

/// Does what writes weights, with a `WarrantError` that names the file where the place cannot be
/// written.
func unwritable(_ save: () throws -> Void) throws {
    do { try save() } catch let error as SafetensorsError {
        throw WarrantError(.unwritable, error.description)
    } catch let error as FileError {
        throw WarrantError(error)
    }
}
