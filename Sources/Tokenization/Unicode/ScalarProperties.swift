/// What the normaliser and the pre-tokenizers need to know of a scalar, looked up in constant time.
///
/// Read once from `ScalarTables` rather than asked of Swift's `Unicode.Scalar.Properties`: those
/// follow the operating system's Unicode version, and the pieces of a text must not.
struct ScalarProperties: Sendable {
    /// A scalar's classes, one bit each.
    struct Classes: OptionSet {
        let rawValue: UInt16

        static let whitespace = Classes(rawValue: 1 << 0)
        static let dropped = Classes(rawValue: 1 << 1)
        static let ideograph = Classes(rawValue: 1 << 2)
        static let punctuation = Classes(rawValue: 1 << 3)
        static let mark = Classes(rawValue: 1 << 4)
        static let combining = Classes(rawValue: 1 << 5)
        static let cased = Classes(rawValue: 1 << 6)
        static let decomposes = Classes(rawValue: 1 << 7)
        static let letter = Classes(rawValue: 1 << 8)
        static let number = Classes(rawValue: 1 << 9)
        static let word = Classes(rawValue: 1 << 10)
    }

    /// Scalars `first...last`, every `stride`th of them, have their lower case `delta` away.
    private struct LowercaseRun {
        let first: UInt32
        let last: UInt32
        let stride: UInt32
        let delta: Int32
    }

    static let shared = ScalarProperties()

    /// 256 scalars a page; blocks that are alike (most hold nothing) share page 0.
    private var pages: [Classes] = Array(repeating: [], count: 256)
    private var pageOfBlock: [UInt16] = Array(repeating: 0, count: 0x1100)
    private var combiningRanks: [UInt32: UInt8] = [:]
    private var lowercaseRuns: [LowercaseRun] = []
    private var longLowercase: [UInt32: [UInt32]] = [:]
    private var decomposed: [UInt32] = []
    /// The decomposition of `decomposed[i]` is `parts[partOffsets[i]..<partOffsets[i + 1]]`.
    private var partOffsets: [Int32] = [0]
    private var parts: [UInt32] = []

    private init() {
        readRanges(ScalarTables.whitespace, as: .whitespace)
        readRanges(ScalarTables.dropped, as: .dropped)
        readRanges(ScalarTables.ideographs, as: .ideograph)
        readRanges(ScalarTables.punctuation, as: .punctuation)
        readRanges(ScalarTables.marks, as: .mark)
        readRanges(ScalarTables.combiningClasses, as: .combining)
        readRanges(ScalarTables.letters, as: .letter)
        readRanges(ScalarTables.numbers, as: .number)
        readRanges(ScalarTables.words, as: .word)
        readLowercase()
        readDecompositions()
    }

    subscript(scalar: UInt32) -> Classes {
        pages[Int(pageOfBlock[Int(scalar >> 8)]) << 8 | Int(scalar & 0xff)]
    }

    /// The rank of a scalar's canonical combining class: 0 for a starter, else in class order.
    func combiningRank(of scalar: UInt32) -> UInt8 {
        self[scalar].contains(.combining) ? combiningRanks[scalar] ?? 0 : 0
    }

    /// Calls `body` with each scalar of the lower case of `scalar`.
    func forEachLowercase(of scalar: UInt32, _ body: (UInt32) -> Void) {
        guard self[scalar].contains(.cased) else { return body(scalar) }
        if let several = longLowercase[scalar] { return several.forEach(body) }
        var low = 0
        var high = lowercaseRuns.count
        while low < high {
            let middle = (low + high) / 2
            if lowercaseRuns[middle].last < scalar { low = middle + 1 } else { high = middle }
        }
        body(UInt32(truncatingIfNeeded: Int64(scalar) + Int64(lowercaseRuns[low].delta)))
    }

    /// Calls `body` with each scalar of the full canonical decomposition of `scalar`.
    ///
    /// Hangul syllables by arithmetic (The Unicode Standard, section 3.12).
    func forEachDecomposed(of scalar: UInt32, _ body: (UInt32) -> Void) {
        guard self[scalar].contains(.decomposes) else { return body(scalar) }
        if Self.hangulSyllables.contains(scalar) {
            let syllable = scalar - Self.hangulSyllables.lowerBound
            body(0x1100 + syllable / 588)
            body(0x1161 + syllable % 588 / 28)
            if syllable % 28 != 0 { body(0x11a7 + syllable % 28) }
            return
        }
        var low = 0
        var high = decomposed.count
        while low < high {
            let middle = (low + high) / 2
            if decomposed[middle] < scalar { low = middle + 1 } else { high = middle }
        }
        for part in Int(partOffsets[low])..<Int(partOffsets[low + 1]) { body(parts[part]) }
    }

    private static let hangulSyllables: Range<UInt32> = 0xac00..<0xd7a4

    private mutating func mark(_ scalar: UInt32, as classes: Classes) {
        let block = Int(scalar >> 8)
        if pageOfBlock[block] == 0 {
            pageOfBlock[block] = UInt16(pages.count >> 8)
            pages.append(contentsOf: repeatElement([], count: 256))
        }
        pages[Int(pageOfBlock[block]) << 8 | Int(scalar & 0xff)].formUnion(classes)
    }

    /// Ranges `a-b` or `a` between commas; `;` moves on to the next combining class.
    private mutating func readRanges(_ text: String, as classes: Classes) {
        var reader = TableReader(text)
        var rank: UInt8 = 1
        while !reader.isAtEnd {
            let first = reader.number()
            let last = reader.skip("-") ? reader.number() : first
            for scalar in first...last {
                mark(scalar, as: classes)
                if classes == .combining { combiningRanks[scalar] = rank }
            }
            if reader.skip(";") { rank += 1 } else { _ = reader.skip(",") }
        }
    }

    private mutating func readLowercase() {
        var reader = TableReader(ScalarTables.lowercase)
        while !reader.isAtEnd {
            let first = reader.number()
            if reader.skip("=") {
                var several = [reader.number()]
                while reader.skip(".") { several.append(reader.number()) }
                longLowercase[first] = several
                mark(first, as: .cased)
            } else {
                _ = reader.skip("-")
                let last = reader.number()
                _ = reader.skip("/")
                let stride = reader.number()
                let sign: Int32 = reader.skip("-") ? -1 : 1
                _ = reader.skip("+")
                let delta = sign * Int32(reader.number())
                lowercaseRuns.append(
                    LowercaseRun(first: first, last: last, stride: stride, delta: delta))
                for scalar in Swift.stride(from: first, through: last, by: Int(stride)) {
                    mark(scalar, as: .cased)
                }
            }
            _ = reader.skip(",")
        }
    }

    private mutating func readDecompositions() {
        var reader = TableReader(ScalarTables.decompositions)
        while !reader.isAtEnd {
            var scalar = reader.number()
            _ = reader.skip(":")
            repeat {
                repeat { parts.append(reader.number()) } while reader.skip(".")
                decomposed.append(scalar)
                partOffsets.append(Int32(parts.count))
                mark(scalar, as: .decomposes)
                scalar += 1
            } while reader.skip(",")
            _ = reader.skip(";")
        }
        for syllable in Self.hangulSyllables { mark(syllable, as: .decomposes) }
    }
}

/// Reads hexadecimal numbers and the marks between them from a table.
private struct TableReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { position == bytes.count }

    mutating func number() -> UInt32 {
        let start = position
        var value: UInt32 = 0
        while position < bytes.count {
            switch bytes[position] {
            case let byte where 0x30...0x39 ~= byte: value = value << 4 | UInt32(byte - 0x30)
            case let byte where 0x61...0x66 ~= byte: value = value << 4 | UInt32(byte - 0x61 + 10)
            default:
                precondition(position > start, "ScalarTables: a number is missing")
                return value
            }
            position += 1
        }
        return value
    }

    mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        guard position < bytes.count, UInt32(bytes[position]) == mark.value else { return false }
        position += 1
        return true
    }
}
