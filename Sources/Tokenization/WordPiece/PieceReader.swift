/// What turns text into WordPiece's pieces: normaliser, added tokens and vocabulary.
struct PieceRules: PieceReading {
    var normalizer: BertNormalizer
    var vocabulary: Vocabulary
    var unknownTokenID: Int32
    /// A word of more scalars than this is unknown.
    var longestWord: Int
    var verbatimTokens: AddedTokenMatcher
    var normalizedTokens: AddedTokenMatcher

    func pieces(of bytes: UnsafeBufferPointer<UInt8>, limit: Int) -> PieceList {
        PieceReader.pieces(of: bytes, rules: self, limit: limit)
    }
}

/// Reads a text's pieces: Hugging Face's BertNormalizer, BertPreTokenizer and WordPiece at once.
///
/// The text is cut at ASCII whitespace. A run of printable ASCII is split and folded byte by byte;
/// any other run goes through the normaliser. No step of the normaliser looks across a space, so
/// the pieces are those of the whole text.
struct PieceReader {
    private let rules: PieceRules
    private var pieces: PieceList
    private var workspace = BertNormalizer.Workspace()
    private var hashes: [UInt64] = []
    private var found: [Vocabulary.Piece] = []
    private var word: [UInt8] = []
    /// The normalised scalar that each byte of `word` belongs to.
    private var scalarOfByte: [Int] = []

    private init(rules: PieceRules, limit: Int) {
        self.rules = rules
        pieces = PieceList(limit: limit)
    }

    /// The pieces of a text, and the start of the first one beyond `limit`.
    static func pieces(
        of bytes: UnsafeBufferPointer<UInt8>, rules: PieceRules, limit: Int
    ) -> PieceList {
        var reader = PieceReader(rules: rules, limit: limit)
        reader.read(bytes)
        return reader.pieces
    }

    private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
        var position = 0
        while position < bytes.count, !pieces.isFull {
            let match = rules.verbatimTokens.firstMatch(in: bytes, from: position)
            let end = match?.range.lowerBound ?? bytes.count
            if rules.normalizedTokens.isEmpty {
                readRuns(bytes, position..<end)
            } else {
                readWithNormalizedTokens(bytes, position..<end)
            }
            guard let match else { return }
            pieces.append(match.token.id, match.range)
            position = match.range.upperBound
        }
    }

    private mutating func readRuns(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        var start = range.lowerBound
        while start < range.upperBound, !pieces.isFull {
            var end = start
            var classes: UInt8 = 0
            while end < range.upperBound {
                let byteClass = ByteClass.table[Int(bytes[end])]
                if byteClass == ByteClass.space { break }
                classes |= byteClass
                end += 1
            }
            if start < end {
                if classes & ByteClass.other == 0 {
                    readPrintableASCII(bytes, start..<end)
                } else {
                    rules.normalizer.normalize(bytes, in: start..<end, into: &workspace)
                    readNormalized(0..<workspace.scalars.count)
                }
            }
            start = end + 1
        }
    }

    private mutating func readPrintableASCII(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) {
        let fold: UInt8 = rules.normalizer.lowercases ? 0x20 : 0
        var start = range.lowerBound
        while start < range.upperBound, !pieces.isFull {
            word.removeAll(keepingCapacity: true)
            var end = start
            while end < range.upperBound {
                let byte = bytes[end]
                let byteClass = ByteClass.table[Int(byte)]
                if byteClass == ByteClass.punctuation { break }
                if end - start < rules.longestWord {
                    word.append(byteClass == ByteClass.capital ? byte | fold : byte)
                }
                end += 1
            }
            if start == end {
                word.append(bytes[end])
                end += 1
            }
            if end - start > rules.longestWord {
                pieces.append(rules.unknownTokenID, start..<end)
            } else {
                matchWord()
                if found.isEmpty { pieces.append(rules.unknownTokenID, start..<end) }
                for piece in found {
                    pieces.append(piece.id, start + piece.start..<start + piece.end)
                }
            }
            start = end
        }
    }

    /// Splits normalised scalars at whitespace and punctuation, and words into pieces.
    private mutating func readNormalized(_ range: Range<Int>) {
        let properties = ScalarProperties.shared
        var start = range.lowerBound
        while start < range.upperBound, !pieces.isFull {
            var end = start
            var first = properties[workspace.scalars[end].value]
            if first.contains(.whitespace) {
                start += 1
                continue
            }
            repeat {
                end += 1
                if first.contains(.punctuation) || end == range.upperBound { break }
                first = properties[workspace.scalars[end].value]
            } while first.isDisjoint(with: [.whitespace, .punctuation])
            readNormalizedWord(start..<end)
            start = end
        }
    }

    private mutating func readNormalizedWord(_ range: Range<Int>) {
        let whole = workspace.scalars[range.lowerBound].start
        let end = workspace.scalars[range.upperBound - 1].end
        if range.count > rules.longestWord {
            return pieces.append(rules.unknownTokenID, whole..<max(whole, end))
        }
        encode(range)
        matchWord()
        if found.isEmpty { pieces.append(rules.unknownTokenID, whole..<max(whole, end)) }
        for piece in found {
            let start = workspace.scalars[scalarOfByte[piece.start]].start
            let end = workspace.scalars[scalarOfByte[piece.end - 1]].end
            pieces.append(piece.id, start..<max(start, end))
        }
    }

    private mutating func matchWord() {
        word.withUnsafeBufferPointer {
            rules.vocabulary.match($0, hashes: &hashes, pieces: &found)
        }
    }

    /// Writes normalised scalars into `word` as UTF-8.
    private mutating func encode(_ range: Range<Int>) {
        word.removeAll(keepingCapacity: true)
        scalarOfByte.removeAll(keepingCapacity: true)
        for index in range {
            guard let scalar = Unicode.Scalar(workspace.scalars[index].value) else { continue }
            for byte in Unicode.UTF8.encode(scalar) ?? Unicode.UTF8.encodedReplacementCharacter {
                word.append(byte)
                scalarOfByte.append(index)
            }
        }
    }

    /// Normalises a whole segment, since an added token may hold spaces, and reads around the
    /// tokens in it.
    private mutating func readWithNormalizedTokens(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) {
        rules.normalizer.normalize(bytes, in: range, into: &workspace)
        encode(0..<workspace.scalars.count)
        let text = word
        let scalarOfByte = scalarOfByte
        var position = 0
        while position < text.count, !pieces.isFull {
            let match = text.withUnsafeBufferPointer {
                rules.normalizedTokens.firstMatch(in: $0, from: position)
            }
            let end = match?.range.lowerBound ?? text.count
            let endScalar = end < text.count ? scalarOfByte[end] : workspace.scalars.count
            readNormalized(scalarOfByte[position]..<max(scalarOfByte[position], endScalar))
            guard let match else { return }
            let first = workspace.scalars[scalarOfByte[match.range.lowerBound]]
            let last = workspace.scalars[scalarOfByte[match.range.upperBound - 1]]
            pieces.append(match.token.id, first.start..<max(first.start, last.end))
            position = match.range.upperBound
        }
    }
}

/// Classes of the bytes of UTF-8, one bit each: what the fast path may do with them.
private enum ByteClass {
    static let word: UInt8 = 0
    static let capital: UInt8 = 1
    static let punctuation: UInt8 = 2
    static let space: UInt8 = 4
    /// Control characters and all that is not ASCII.
    static let other: UInt8 = 8

    static let table: [UInt8] = (0...255).map { byte in
        switch byte {
        case 0x09, 0x0a, 0x0d, 0x20: space
        case 0x30...0x39, 0x61...0x7a: word
        case 0x41...0x5a: capital
        case 0x21...0x7e: punctuation
        default: other
        }
    }
}
