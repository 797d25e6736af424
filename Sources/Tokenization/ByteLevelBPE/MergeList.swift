import Errors
import JSON

/// Reading merges from `tokenizer.json` or `merges.txt`.
extension BytePairModel {
    /// Takes the `merges` of `tokenizer.json`, each as "a b" or as ["a", "b"].
    static func merges(_ model: JSONFile, _ vocabulary: Vocabulary) throws -> [Merge] {
        try model.elements(of: "merges").enumerated().map { rank, value in
            try merge(
                pair(value, rank, model), vocabulary, file: model.path, line: nil,
                place: "merges[\(rank)] needs")
        }
    }

    private static func pair(
        _ value: JSONValue, _ rank: Int, _ model: JSONFile
    ) throws -> [[UInt8]] {
        let parts: [[UInt8]]
        if let text = value.string {
            parts = text.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
                .map { Array($0) }
        } else {
            parts = (value.array ?? []).compactMap { $0.string.map { Array($0.utf8) } }
        }
        guard parts.count == 2, value.string != nil || value.array?.count == 2 else {
            throw model.wrong("merges[\(rank)]", value, "two tokens")
        }
        return parts
    }

    /// Reads the lines of `merges.txt`, each two tokens with a space between them.
    static func merges(
        lines bytes: [UInt8], file: String, _ vocabulary: Vocabulary
    ) throws -> [Merge] {
        var merges: [Merge] = []
        // Line by line: a file of line feeds alone would take many times its size as slices.
        var (start, index) = (0, -1)
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
            var line = bytes[start..<end]
            (start, index) = (end + 1, index + 1)
            if line.last == 0x0d { line.removeLast() }
            if line.starts(with: Array("#version".utf8)) { continue }
            let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw TokenizerError.malformed(
                    file: file, line: index + 1,
                    problem: "is \(quoted(String(decoding: line, as: UTF8.self))); two tokens with "
                        + "a space between them were expected")
            }
            merges.append(
                try merge(
                    parts.map { Array($0) }, vocabulary, file: file, line: index + 1, place: "needs"
                ))
        }
        return merges
    }

    private static func merge(
        _ pair: [[UInt8]], _ vocabulary: Vocabulary, file: String, line: Int?,
        place: @autoclosure () -> String
    ) throws -> Merge {
        func id(_ token: [UInt8]) throws -> Int32 {
            guard let id = vocabulary.id(of: token) else {
                let text = quoted(String(decoding: token, as: UTF8.self))
                throw TokenizerError.malformed(
                    file: file, line: line,
                    problem: "\(place()) the token \(text), which the vocabulary lacks")
            }
            return id
        }
        return Merge(
            left: try id(pair[0]), right: try id(pair[1]), result: try id(pair[0] + pair[1]))
    }
}
