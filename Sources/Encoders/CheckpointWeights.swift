import Errors
import Files
import JSON
import Tensors

/// The tensors of a checkpoint: those of `model.safetensors`, or of the several files that
/// `model.safetensors.index.json` names, as `save_pretrained` writes large models.
package struct CheckpointWeights {
    /// The file that names the tensors: the weights themselves, or their index.
    package let path: String
    /// The names of all tensors.
    package let names: Set<String>
    /// How many numbers all tensors hold together.
    package let elementCount: Int

    /// The opened files, by name.
    private let files: [String: SafetensorsFile]
    /// The file of each tensor; empty for a checkpoint of one file.
    private let map: [String: String]

    static let fileName = "model.safetensors"
    static let indexName = "model.safetensors.index.json"
    /// An encoder's have a handful.
    private static let mostFiles = 256

    /// Opens and checks the weights of a folder.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`, `FileError`, `TokenizerError` (for an index that
    ///   is not JSON), each naming the file.
    package init(_ folder: FolderFiles) throws {
        if let file = try folder.file(Self.fileName) {
            path = file.path
            files = [Self.fileName: try SafetensorsFile(file)]
            map = [:]
        } else if let bytes = try folder.bytes(Self.indexName, upTo: 16 << 20) {
            path = folder.path(of: Self.indexName)
            map = try Self.map(bytes, path)
            var files: [String: SafetensorsFile] = [:]
            for name in Set(map.values).sorted() {
                guard let file = try folder.file(name) else {
                    throw EncoderError.missing(
                        folder.path(of: name),
                        expected: "the part of the weights that \(Self.indexName) names: copy or "
                            + "download it again")
                }
                files[name] = try SafetensorsFile(file)
            }
            self.files = files
        } else {
            throw Self.missing(folder)
        }
        names = map.isEmpty ? Set(files.values.flatMap(\.names)) : Set(map.keys)
        elementCount = files.values.reduce(0) { sum, file in
            file.names.reduce(sum) { $0 + (file.entry($1)?.elementCount ?? 0) }
        }
    }

    /// The files that a folder's weights lie in, the index included; none where there are none that can
    /// be read.
    package static func fileNames(_ folder: FolderFiles) throws -> [String] {
        if try folder.file(fileName) != nil { return [fileName] }
        guard let bytes = try folder.bytes(indexName, upTo: 16 << 20) else { return [] }
        return [indexName] + Set(try map(bytes, folder.path(of: indexName)).values).sorted()
    }

    /// The file that a tensor lies in; nil where the checkpoint has no such tensor.
    ///
    /// - Throws: `EncoderError` where the index names a tensor that its file lacks.
    package func file(of tensor: String) throws -> SafetensorsFile? {
        guard !map.isEmpty else { return files.values.first }
        guard let name = map[tensor], let file = files[name] else { return nil }
        guard file.entry(tensor) != nil else {
            throw EncoderError.invalid(
                file.path,
                "has no tensor \"\(tensor)\", though \(Self.indexName) says so: the two do not belong "
                    + "together; download both again")
        }
        return file
    }

    private static func map(_ bytes: [UInt8], _ path: String) throws -> [String: String] {
        let root = try JSONValue(json: bytes, file: path)
        guard let members = root["weight_map"]?.object, !members.isEmpty else {
            throw EncoderError.invalid(
                path, "expected an object \"weight_map\" with the file of each tensor")
        }
        let map = try members.mapValues { value in
            guard let name = value.string, isFileName(name) else {
                throw EncoderError.invalid(
                    path,
                    "\"weight_map\" names \(value.string.map { "\"\(printable($0, limit: 80))\"" } ?? "no file"); "
                        + "expected a safetensors file of this folder")
            }
            return name
        }
        let count = Set(map.values).count
        guard count <= mostFiles else {
            throw EncoderError.invalid(
                path, "names \(count) files; at most \(mostFiles) were expected")
        }
        return map
    }

    /// Whether a name stands for a safetensors file in the folder itself.
    private static func isFileName(_ name: String) -> Bool {
        let plain = name.unicodeScalars.allSatisfy {
            $0 != "/" && $0 != "\\" && $0.value >= 0x20 && $0.value != 0x7F
        }
        return plain && name.hasSuffix(".safetensors") && !name.hasPrefix(".")
            && name.utf8.count <= 255
    }

    /// Why a folder has no weights that can be read, and what to do.
    private static func missing(_ folder: FolderFiles) -> EncoderError {
        let path = folder.path(of: fileName)
        let pickles = ["pytorch_model.bin", "pytorch_model.bin.index.json"]
        guard let pickle = pickles.first(where: folder.has) else {
            return .missing(
                path,
                expected: "the encoder's weights in safetensors format "
                    + "(save_pretrained writes them)")
        }
        return .invalid(
            folder.path(of: pickle),
            "PyTorch's own format is not read, for it can run code; convert it once (with torch and "
                + "safetensors from pip): \(conversion(of: folder.path))")
    }

    /// A line of shell that writes `model.safetensors` beside `pytorch_model.bin`, or beside its parts.
    static func conversion(of folder: String) -> String {
        let program = """
            import glob, sys, torch; from safetensors.torch import save_file; d = sys.argv[1]; w = {}; \
            [w.update(torch.load(f, map_location='cpu', weights_only=True)) \
            for f in sorted(glob.glob(glob.escape(d) + '/pytorch_model*.bin'))]; \
            save_file({k: v.clone().contiguous() for k, v in w.items()}, d + '/model.safetensors', \
            metadata={'format': 'pt'})
            """
        return "python3 -c \"\(program)\" \(shellQuoted(folder))"
    }
}
