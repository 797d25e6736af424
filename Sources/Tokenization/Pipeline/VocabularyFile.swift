import Errors

/// Reading a vocabulary from `vocab.txt` or `tokenizer.json`.
extension Vocabulary {
    /// Reads `vocab.txt`: a token a line, its id is the line's number from 0.
    init(lines bytes: [UInt8], file: String, prefix: [UInt8]) throws {
        self.init(prefix: prefix, capacity: bytes.count / 6)
        var line = 1
        try bytes.withUnsafeBufferPointer { bytes in
            try Self.requireUTF8(bytes, file: file)
            var start = 0
            while start < bytes.count {
                var end = start
                while end < bytes.count, bytes[end] != 0x0a { end += 1 }
                let next = end + 1
                if end > start, bytes[end - 1] == 0x0d { end -= 1 }
                if start == end {
                    throw TokenizerError.malformed(
                        file: file, line: line, problem: "is empty; a token was expected")
                }
                let token = UnsafeBufferPointer(rebasing: bytes[start..<end])
                do throws(Refusal) {
                    try add(token, id: Int32(truncatingIfNeeded: line - 1))
                } catch {
                    throw TokenizerError.malformed(
                        file: file, line: line, problem: error.problem(with: token))
                }
                start = next
                line += 1
            }
        }
    }

    private static func requireUTF8(_ bytes: UnsafeBufferPointer<UInt8>, file: String) throws {
        if String(validating: bytes, as: UTF8.self) != nil { return }
        var (line, start) = (1, 0)
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
            if String(validating: bytes[start..<end], as: UTF8.self) == nil { break }
            (line, start) = (line + 1, end + 1)
        }
        throw TokenizerError.malformed(
            file: file, line: line, problem: "is not valid UTF-8; a token was expected")
    }
}

extension Vocabulary.Refusal {
    func problem(with token: UnsafeBufferPointer<UInt8>) -> String {
        let text = quoted(String(decoding: token, as: UTF8.self))
        switch self {
        case .duplicateToken(let id): return "the token \(text) has the id \(id) already"
        case .duplicateID: return "the token \(text) has an id that another token has"
        case .idOutOfRange:
            return "the token \(text) has an id outside of 0 to \(Vocabulary.largestID)"
        }
    }
}
