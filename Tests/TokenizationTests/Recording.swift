import Foundation
import TestSupport
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

extension Outside {
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
