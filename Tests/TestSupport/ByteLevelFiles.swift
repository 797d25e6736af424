import Foundation

/// The files of a byte-level BPE tokenizer, such as RoBERTa's.
package enum ByteLevelFiles {
    /// Special tokens, a letter for each byte by scalar, then what the merges give, and the mask.
    ///
    /// - Parameter merges: lines "a b".
    package static func vocabulary(_ merges: [String]) -> [String: Int] {
        let letters =
            (0x21...0x7e).map { $0 } + (0xa1...0xac).map { $0 } + (0xae...0xff).map { $0 }
            + (0x100..<0x144).map { $0 }
        var tokens = ["<s>", "<pad>", "</s>", "<unk>"]
        tokens += letters.compactMap { Unicode.Scalar($0).map { String($0) } }
        tokens += merges.map { $0.replacing(" ", with: "") } + ["<mask>"]
        var ids: [String: Int] = [:]
        for token in tokens where ids[token] == nil { ids[token] = ids.count }
        return ids
    }

    /// The files of a folder without `tokenizer.json`.
    ///
    /// - Parameter merges: lines "a b".
    package static func plain(_ merges: [String]) throws -> [String: Data] {
        [
            "vocab.json": try JSONSerialization.data(withJSONObject: vocabulary(merges)),
            "merges.txt": Data(("#version: 0.2\n" + merges.joined(separator: "\n") + "\n").utf8),
        ]
    }
}
