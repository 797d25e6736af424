/// Offsets without the spaces that belong to a piece, as Hugging Face's `trim_offsets` has them.
struct OffsetTrimming: Sendable {
    /// Whether a space was added before a text, so that there is nothing to leave out of its first
    /// piece.
    let addsPrefixSpace: Bool
    /// Their spaces are those of the text that they were found in.
    let addedTokenIDs: Set<Int32>

    /// - Parameters:
    ///   - range: the bytes that the piece stands for.
    ///   - isFirst: whether the piece is its text's first.
    func trimmed(
        _ range: Range<Int>, of id: Int32, _ vocabulary: Vocabulary, isFirst: Bool,
        in bytes: UnsafeBufferPointer<UInt8>
    ) -> Range<Int> {
        var (leading, trailing) =
            addedTokenIDs.contains(id)
            ? spaces(bytes[range]) : spaces(vocabulary.token(for: id) ?? [])
        if leading == 0 && trailing == 0 { return range }
        // More than one space cannot have been added.
        if leading == 1, addsPrefixSpace, isFirst || range.lowerBound == 0 { leading = 0 }
        // The reference counts scalars, whether or not they are the spaces.
        var start = range.lowerBound
        while leading > 0, start < range.upperBound {
            start = decodeScalar(in: bytes, at: start).end
            leading -= 1
        }
        var end = range.upperBound
        while trailing > 0, end > 0 {
            end -= 1
            while end > 0, bytes[end] & 0xc0 == 0x80 { end -= 1 }
            trailing -= 1
        }
        if trailing > 0 { end = range.upperBound }
        return start..<max(start, end)
    }

    /// How many spaces a piece's text begins and ends with; one of spaces alone does both.
    private func spaces(
        _ text: some BidirectionalCollection<UInt8>
    ) -> (leading: Int, trailing: Int) {
        // Nearly all pieces are printable ASCII, or that after one Ġ (C4 A0).
        func isPlain(_ byte: UInt8?) -> Bool { (0x21..<0x7f).contains(byte ?? 0) }
        if isPlain(text.last) {
            if isPlain(text.first) { return (0, 0) }
            if text.starts(with: [0xc4, 0xa0]), isPlain(text.dropFirst(2).first) { return (1, 0) }
        }
        func count(_ scalars: some Sequence<Unicode.Scalar>) -> Int {
            var count = 0
            for scalar in scalars {
                guard
                    scalar.value == ByteLevelAlphabet.space
                        || ScalarProperties.shared[scalar.value].contains(.whitespace)
                else { break }
                count += 1
            }
            return count
        }
        let scalars = String(decoding: Array(text), as: UTF8.self).unicodeScalars
        return (count(scalars), count(scalars.reversed()))
    }
}
