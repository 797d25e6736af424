/// What turns text into the pieces of byte-level BPE: added tokens, vocabulary and merges.
struct ByteLevelRules: PieceReading {
    let vocabulary: Vocabulary
    let merges: MergeTable
    /// The id of the piece of each single byte.
    let byteTokenIDs: [Int32]
    /// By id, whether merging gives just this token where it is the whole stretch. Most stretches
    /// are such a token, and need no merging.
    let isWhole: [Bool]
    /// Whether a text is read as if a space stood before it.
    let addsPrefixSpace: Bool
    /// How offsets leave spaces out; nil: they do not.
    let trimming: OffsetTrimming?
    let verbatimTokens: AddedTokenMatcher
    let normalizedTokens: AddedTokenMatcher

    func pieces(of bytes: UnsafeBufferPointer<UInt8>, limit: Int) -> PieceList {
        var reader = ByteLevelReader(rules: self, limit: limit)
        reader.read(bytes)
        return reader.pieces
    }

    func offsets(
        of pieces: PieceList, in bytes: UnsafeBufferPointer<UInt8>
    ) -> [Range<Int>] {
        guard let trimming else { return pieces.offsets }
        return pieces.ids.indices.map { index in
            trimming.trimmed(
                pieces.offsets[index], of: pieces.ids[index], vocabulary, isFirst: index == 0,
                in: bytes)
        }
    }
}

/// Reads a text's pieces: Hugging Face's added tokens, ByteLevel and BPE at once.
struct ByteLevelReader {
    private let rules: ByteLevelRules
    private(set) var pieces: PieceList
    private var merger = PieceMerger()
    /// A stretch in the letters of `ByteLevelAlphabet`.
    private var word: [UInt8] = []

    init(rules: ByteLevelRules, limit: Int) {
        self.rules = rules
        pieces = PieceList(limit: limit)
    }

    /// Reads around the added tokens: first those that are looked for in the text as it is, in
    /// what is left those that are looked for in the normalised text, which here is the same.
    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
        read(bytes, 0..<bytes.count, around: rules.verbatimTokens) { reader, rest in
            reader.read(bytes, rest, around: reader.rules.normalizedTokens) {
                $0.readText(bytes, $1)
            }
        }
    }

    private mutating func read(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, around tokens: AddedTokenMatcher,
        _ readRest: (inout ByteLevelReader, Range<Int>) -> Void
    ) {
        // What stands beyond the range is not seen by the tokens' conditions.
        let text = UnsafeBufferPointer(rebasing: bytes[range])
        var position = 0
        while position < text.count, !pieces.isFull {
            let match = tokens.isEmpty ? nil : tokens.firstMatch(in: text, from: position)
            let end = match?.range.lowerBound ?? text.count
            if position < end {
                readRest(&self, range.lowerBound + position..<range.lowerBound + end)
            }
            guard let match else { return }
            pieces.append(
                match.token.id,
                range.lowerBound + match.range.lowerBound..<range.lowerBound
                    + match.range.upperBound)
            position = match.range.upperBound
        }
    }

    private mutating func readText(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        var start = range.lowerBound
        var followsSpace = rules.addsPrefixSpace && bytes[start] != 0x20
        while start < range.upperBound, !pieces.isFull {
            let end = ByteLevelSplitting.end(
                of: bytes, from: start, to: range.upperBound, followsSpace: followsSpace)
            readStretch(bytes, start..<end, followsSpace: followsSpace)
            start = end
            followsSpace = false
        }
    }

    private mutating func readStretch(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, followsSpace: Bool
    ) {
        word.removeAll(keepingCapacity: true)
        if followsSpace { append(0x20) }
        for index in range { append(bytes[index]) }
        let known = word.withUnsafeBufferPointer { rules.vocabulary.id(of: $0) }
        if let known, rules.isWhole[Int(known)] {
            let end = range.isEmpty ? endOfScalar(in: bytes, from: range.lowerBound + 1) : nil
            return pieces.append(known, range.lowerBound..<(end ?? range.upperBound))
        }
        merger.removeAll()
        if followsSpace { merger.append(rules.byteTokenIDs[0x20]) }
        for index in range { merger.append(rules.byteTokenIDs[Int(bytes[index])]) }
        let first = range.lowerBound - (followsSpace ? 1 : 0)
        merger.merge(rules.merges)
        var position = 0
        while position < merger.ids.count {
            let next = merger.next[position]
            // A piece stands for every scalar of which it has a byte; the space that is thought
            // before the text stands for its first scalar.
            var start = max(first + position, range.lowerBound)
            while bytes[start] & 0xc0 == 0x80 { start -= 1 }
            let end = endOfScalar(in: bytes, from: max(first + next, start + 1))
            pieces.append(merger.ids[position], start..<end)
            position = next
        }
    }

    /// The first position from `position` on that does not continue a scalar.
    private func endOfScalar(in bytes: UnsafeBufferPointer<UInt8>, from position: Int) -> Int {
        var end = position
        while end < bytes.count, bytes[end] & 0xc0 == 0x80 { end += 1 }
        return end
    }

    @inline(__always)
    private mutating func append(_ byte: UInt8) {
        let letter = ByteLevelAlphabet.encoded[Int(byte)]
        word.append(UInt8(truncatingIfNeeded: letter))
        if letter > 0xff { word.append(UInt8(letter >> 8)) }
    }
}
