import Foundation
import Tokenization

/// What Hugging Face `tokenizers` made of texts, as Scripts/record_tokenization.py wrote it down.
struct Recording: Decodable {
    struct Encoding: Decodable {
        let ids: [Int32]
        /// Start and end of each piece, one after the other.
        let offsets: [Int]
    }

    struct Pair: Decodable {
        let query: String
        let document: String
        let maximumLength: Int
        let ids: [Int32]
        let segmentIDs: [Int32]
        let offsets: [Int]
    }

    struct Variant: Decodable {
        let name: String
        let do_lower_case: Bool
        let strip_accents: Bool?
        let tokenize_chinese_chars: Bool
        let singles: [Encoding]
    }

    /// Of every text the number of pieces, then id, start and end of each piece (64-bit FNV-1a).
    struct Digest: Decodable, Equatable {
        let texts: Int
        let pieces: Int
        let digest: String
    }

    let texts: [String]
    let encoder: [Encoding]
    let pairs: [Pair]
    let smallVocabulary: [String]
    let variants: [Variant]
    let digests: [String: Digest]

    static func load() throws -> Recording {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "recording.json")
        return try JSONDecoder().decode(Recording.self, from: Data(contentsOf: file))
    }
}

extension Recording.Digest {
    init(of texts: [String], _ tokenizer: any Tokenizer) throws {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var pieces = 0
        func add(_ word: Int) { hash = (hash ^ UInt64(word)) &* 0x100_0000_01b3 }
        for text in texts {
            let document = try tokenizer.tokenize(text, maximumLength: 10_000_000)
            pieces += document.ids.count
            add(document.ids.count)
            for (id, offset) in zip(document.ids, document.offsets) {
                add(Int(id))
                add(offset.lowerBound)
                add(offset.upperBound)
            }
        }
        let digits = String(hash, radix: 16)
        self.init(
            texts: texts.count, pieces: pieces,
            digest: String(repeating: "0", count: 16 - digits.count) + digits)
    }
}

/// Files outside of the package that some tests need.
enum Outside {
    static let shared: URL = {
        if let path = ProcessInfo.processInfo.environment["WARRANT_SHARED"] {
            return URL(filePath: path)
        }
        let package = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return package.deletingLastPathComponent().appending(path: "shared")
    }()

    static let encoder: URL = {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["WARRANT_ENCODER"] { return URL(filePath: path) }
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        return URL(filePath: cache).appending(path: "warrant/all-MiniLM-L6-v2")
    }()

    static var hasEncoder: Bool { exists(encoder.appending(path: "vocab.txt")) }
    static var hasShared: Bool { exists(shared.appending(path: "reference")) }

    private static func exists(_ file: URL) -> Bool {
        FileManager.default.fileExists(atPath: file.path)
    }

    /// The lines of a shared file, or each file of a shared folder in the order of the names' bytes.
    static func texts(of name: String) throws -> [String] {
        let file = shared.appending(path: name)
        let manager = FileManager.default
        var isFolder: ObjCBool = false
        _ = manager.fileExists(atPath: file.path, isDirectory: &isFolder)
        if isFolder.boolValue {
            return try manager.contentsOfDirectory(atPath: file.path)
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                .map {
                    String(decoding: try Data(contentsOf: file.appending(path: $0)), as: UTF8.self)
                }
        }
        return try Data(contentsOf: file).split(separator: 0x0a, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Makes a folder with the given files, and removes it after `body`.
func withFolder<Result>(
    _ files: [String: String], _ body: (URL) throws -> Result
) throws -> Result {
    try withFolder(files.mapValues { Data($0.utf8) }, body)
}

/// Makes a folder with files of any bytes, and removes it after `body`.
func withFolder<Result>(
    _ files: [String: Data], _ body: (URL) throws -> Result
) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
        .appending(path: "warrant-tokenization-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, content) in files { try content.write(to: folder.appending(path: name)) }
    return try body(folder)
}
