/// The character that parts a table's columns.
public struct Delimiter: Sendable, Hashable, CustomStringConvertible {
    /// Its byte in UTF-8.
    let byte: UInt8

    static let comma = Delimiter(byte: UInt8(ascii: ","))
    static let semicolon = Delimiter(byte: UInt8(ascii: ";"))
    static let tab = Delimiter(byte: UInt8(ascii: "\t"))
    static let pipe = Delimiter(byte: UInt8(ascii: "|"))
    private static let named = [
        ("tab", tab), ("comma", comma), ("semicolon", semicolon), ("pipe", pipe),
    ]

    private init(byte: UInt8) { self.byte = byte }

    /// Reads a command's argument: `tab`, `comma`, `semicolon`, `pipe`, or one ASCII character that is no
    /// quote, no line break and no NUL; nil for anything else.
    public init?(_ argument: String) {
        if let known = Self.named.first(where: { $0.0 == argument }) {
            self = known.1
            return
        }
        guard argument.utf8.count == 1, let byte = argument.utf8.first, byte < 0x80,
            ![0x00, 0x0A, 0x0D, UInt8(ascii: "\"")].contains(byte)
        else { return nil }
        self.init(byte: byte)
    }

    /// The name in the plural, or the character in quotes.
    public var description: String {
        guard let known = Self.named.first(where: { $0.1 == self }) else {
            return DatasetError.quote(String(Unicode.Scalar(byte)))
        }
        return known.0 + "s"
    }

    /// The delimiter that a first line has where it has no comma, outside of quotes: those that spread
    /// sheets write in countries with a decimal comma, and those of databases.
    ///
    /// - Parameters:
    ///   - line: a table's first line.
    ///   - fits: whether the columns that are wanted are among those that a delimiter gives.
    static func told(
        by line: UnsafeBufferPointer<UInt8>, fits: (Delimiter) -> Bool
    ) -> Delimiter {
        var outside: Set<UInt8> = []
        var isQuoted = false
        for byte in line {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if !isQuoted { outside.insert(byte) }
        }
        let candidates = [semicolon, tab, pipe].filter { outside.contains($0.byte) }
        guard !outside.contains(comma.byte), let first = candidates.first, !fits(comma) else {
            return comma
        }
        return candidates.first(where: fits) ?? first
    }

    /// The delimiter that a spreadsheet's first line `sep=;` declares; nil for any other line.
    static func declared(by line: UnsafeBufferPointer<UInt8>) -> Delimiter? {
        let text = String(decoding: line, as: UTF8.self).lowercased()
        guard text.hasPrefix("sep=") else { return nil }
        return Delimiter(String(text.dropFirst(4)))
    }
}
