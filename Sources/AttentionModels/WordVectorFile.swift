import Errors
import Files
import Tokenization

/// Reads word vectors from a text file: a line for each word, the word and its numbers with spaces
/// between, after a line "words width" in fastText's files and none in GloVe's.
///
/// The width is that of most lines, so that words with spaces in them, which GloVe's largest file has,
/// can be told from a line that is damaged.
extension WordVectors {
    /// Vectors of a vocabulary's words. Those that the file lacks, padding and unknown words, start and
    /// end are zero, as torchtext has them.
    ///
    /// - Parameter size: the width that is asked for; nil: the file's.
    /// - Throws: `WarrantError` naming the line whose numbers are none, or as many as others have not;
    ///   or where the width is another one.
    /// - Complexity: O(bytes of the file); the vectors of other words are not kept.
    package init(file: MappedFile, words: [String], size wanted: Int?) throws {
        let special = WordVocabulary.specialWords.count
        var places: [[UInt8]: Int] = [:]
        for (index, word) in words.enumerated() where index >= special {
            places[Array(word.utf8)] = index
        }
        var reader: VectorLines?
        var values: [Float] = []
        var known = 0
        try file.withBytes { bytes throws(WarrantError) in
            var lines = VectorLines(bytes, file: file.path)
            try lines.readHead()
            if let wanted, wanted != lines.width {
                throw WarrantError(
                    .badData,
                    "\(file.path): has vectors of \(lines.width) numbers; an embedding size of "
                        + "\(wanted) was asked for: leave --embedding-size out, or give another file"
                )
            }
            values = [Float](repeating: 0, count: words.count * lines.width)
            var seen = Set<Int>()
            while let line = try lines.next(where: { places[Array($0)] != nil }) {
                guard let place = places[Array(line.word)], seen.insert(place).inserted else {
                    continue
                }
                for (column, value) in line.numbers.enumerated() {
                    values[place * lines.width + column] = value
                }
                known += 1
            }
            reader = lines
        }
        self.init(size: reader?.width ?? 0, values: values, known: known)
    }
}

/// The lines of a file of vectors.
private struct VectorLines {
    private let bytes: UnsafeRawBufferPointer
    private let file: String
    private var position = 0
    private var line = 0
    /// How many numbers a line has.
    private(set) var width = 0

    init(_ bytes: UnsafeRawBufferPointer, file: String) {
        self.bytes = bytes
        self.file = file
    }

    private func error(_ problem: String) -> WarrantError {
        WarrantError(
            .badData,
            "\(file)\(line > 0 ? ":\(line)" : ""): \(problem); expected a word and its numbers with spaces between, as "
                + "fastText and GloVe write them")
    }

    private mutating func nextLine() -> Range<Int>? {
        guard position < bytes.count else { return nil }
        let start = position
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        position = end + 1
        line += 1
        while end > start, [0x0D, 0x20, 0x09].contains(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    private func fields(_ range: Range<Int>) -> [Range<Int>] {
        var fields: [Range<Int>] = []
        var start = range.lowerBound
        for index in range where bytes[index] == 0x20 || bytes[index] == 0x09 {
            if index > start { fields.append(start..<index) }
            start = index + 1
        }
        if range.upperBound > start { fields.append(start..<range.upperBound) }
        return fields
    }

    /// Finds the width, and passes over a line "words width".
    mutating func readHead() throws(WarrantError) {
        var first = nextLine()
        while first?.isEmpty == true { first = nextLine() }
        guard let first else { throw error("the file is empty") }
        let head = fields(first)
        if head.count == 2, let width = number(head[1]), number(head[0]) != nil {
            guard width == width.rounded(), (1...16_384).contains(width) else {
                throw error("the width is \(text(head[1]))")
            }
            self.width = Int(width)
            return
        }
        // The width of most of the first lines: words with spaces have more fields, and a damaged
        // line has fewer.
        var counts = [head.count - 1: 1]
        for _ in 0..<100 {
            guard let next = nextLine() else { break }
            if !next.isEmpty { counts[fields(next).count - 1, default: 0] += 1 }
        }
        width = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
        (position, line) = (0, 0)
        guard (1...16_384).contains(width) else { throw error("there are no numbers") }
    }

    /// The next line whose word is wanted.
    mutating func next(
        where isWanted: (Slice<UnsafeRawBufferPointer>) -> Bool
    ) throws(WarrantError) -> (word: Slice<UnsafeRawBufferPointer>, numbers: [Float])? {
        while let range = nextLine() {
            if range.isEmpty { continue }
            let fields = fields(range)
            guard fields.count > width else {
                throw error("\(fields.count - 1) numbers where other lines have \(width)")
            }
            let first = fields[fields.count - width]
            let word = bytes[range.lowerBound..<fields[fields.count - width - 1].upperBound]
            guard isWanted(word) else { continue }
            var numbers: [Float] = []
            numbers.reserveCapacity(width)
            for field in fields.suffix(width) {
                guard let number = number(field), number.isFinite else {
                    throw error("\"\(text(field))\" is no number")
                }
                numbers.append(number)
            }
            precondition(first.lowerBound >= word.endIndex, "numbers follow the word")
            return (word, numbers)
        }
        return nil
    }

    private func text(_ field: Range<Int>) -> String {
        printable(String(decoding: bytes[field], as: UTF8.self), limit: 40)
    }

    private func number(_ field: Range<Int>) -> Float? {
        Float(String(decoding: bytes[field], as: UTF8.self))
    }
}
