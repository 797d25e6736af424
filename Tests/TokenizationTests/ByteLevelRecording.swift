import Foundation
import TestSupport
import Tokenization

/// What Hugging Face `tokenizers` made of texts with a small byte-level vocabulary, as
/// Scripts/record_bpe.py wrote it down.
struct ByteLevelRecording: Decodable {
    struct Setting: Decodable {
        let name: String
        /// `tokenizer.json` without vocabulary and merges.
        let tokenizer: String
        let pairs: [Recording.Pair]
        let digests: [String: Recording.Digest]
    }

    let texts: [String]
    /// Of a folder with vocab.json and merges.txt alone.
    let `default`: [Recording.Encoding]
    /// Of the setting "added tokens".
    let tokens: [Recording.Encoding]
    let settings: [Setting]

    static func load() throws -> ByteLevelRecording {
        try JSONDecoder().decode(
            ByteLevelRecording.self, from: Data(contentsOf: file("bpe-recording.json")))
    }

    private static func file(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: name)
    }

    /// Lines "a b".
    static func merges() throws -> [String] {
        String(decoding: try Data(contentsOf: file("bpe-merges.txt")), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    /// The files of a folder with a setting's `tokenizer.json`.
    ///
    /// - Parameter asPairs: whether merges are arrays of two tokens rather than "a b".
    static func files(_ tokenizer: String, asPairs: Bool) throws -> [String: Data] {
        var document =
            try JSONSerialization.jsonObject(with: Data(tokenizer.utf8)) as? [String: Any] ?? [:]
        var model = document["model"] as? [String: Any] ?? [:]
        let merges = try merges()
        model["vocab"] = ByteLevelFiles.vocabulary(merges)
        model["merges"] =
            asPairs ? merges.map { $0.split(separator: " ").map(String.init) } as [Any] : merges
        document["model"] = model
        return ["tokenizer.json": try JSONSerialization.data(withJSONObject: document)]
    }

    /// The files of a folder without `tokenizer.json`.
    static func plainFiles() throws -> [String: Data] {
        try ByteLevelFiles.plain(merges())
    }

    /// Every scalar between letters and between a space and a mark.
    static func scalars() -> [String] {
        (UInt32(0)..<0x110000).compactMap(Unicode.Scalar.init).flatMap {
            ["a\($0)b", "! \($0)\($0) ?"]
        }
    }

    /// Some thousand texts by a generator (Knuth's MMIX) that the script has too.
    static func randomTexts() -> [String] {
        let parts =
            "aetnIN019.,'\"-é日½\u{301}\u{a0}\u{3000}\n\t".unicodeScalars.map { String($0) } + [
                " ", "  ", " the", "'s", "'ve", "ing", "<mask>", "</s>", "word", "\r\n", "😀", "ł",
                "\u{200b}",
            ]
        var state: UInt64 = 1
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state
        }
        return (0..<5000).map { _ in
            (0..<next() >> 59).map { _ in parts[Int((next() >> 33) % UInt64(parts.count))] }
                .joined()
        }
    }
}
