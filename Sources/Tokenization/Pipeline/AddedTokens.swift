/// A token that is found in the text as it is written, before words are split into pieces.
package struct AddedToken: Sendable, Equatable {
    /// Its id.
    package var id: Int32
    /// Its text in UTF-8.
    package var content: [UInt8]
    /// Only where no word character stands beside it.
    package var isSingleWord = false
    /// Takes the whitespace before it along.
    package var stripsLeft = false
    /// Takes the whitespace after it along.
    package var stripsRight = false
    /// Looked for in the normalised text, not in the original.
    package var isNormalized = false
}

/// Finds added tokens: the leftmost, and of those that start there the longest.
struct AddedTokenMatcher: Sendable {
    private let tokens: [AddedToken]
    private let isFirstByte: [Bool]

    var isEmpty: Bool { tokens.isEmpty }

    /// Of tokens with the same content the first one counts.
    init(_ tokens: [AddedToken]) {
        // `sorted` is not promised to be stable, so the order breaks ties.
        self.tokens = tokens.enumerated()
            .sorted {
                ($1.element.content.count, $0.offset) < ($0.element.content.count, $1.offset)
            }
            .map(\.element)
        var isFirstByte = Array(repeating: false, count: 256)
        for token in tokens { isFirstByte[Int(token.content[0])] = true }
        self.isFirstByte = isFirstByte
    }

    /// The first match from `start` on that may stand where it does.
    ///
    /// `start` is where the previous match ended: whitespace is taken along from there on only. A
    /// match that its surroundings forbid is skipped with its bytes, as in the reference.
    func firstMatch(
        in bytes: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> (token: AddedToken, range: Range<Int>)? {
        var position = start
        while position < bytes.count {
            guard isFirstByte[Int(bytes[position])],
                let token = tokens.first(where: { matches($0.content, in: bytes, at: position) })
            else {
                position += 1
                continue
            }
            let end = position + token.content.count
            if token.isSingleWord && touchesWord(position..<end, in: bytes) {
                position = end
                continue
            }
            return (token, widened(position..<end, of: token, in: bytes, from: start))
        }
        return nil
    }

    private func matches(
        _ content: [UInt8], in bytes: UnsafeBufferPointer<UInt8>, at position: Int
    ) -> Bool {
        guard bytes.count - position >= content.count else { return false }
        return content.indices.allSatisfy { content[$0] == bytes[position + $0] }
    }

    private func widened(
        _ range: Range<Int>, of token: AddedToken, in bytes: UnsafeBufferPointer<UInt8>,
        from start: Int
    ) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while token.stripsLeft, lower > start {
            let scalar = scalarBefore(lower, in: bytes)
            guard ScalarProperties.shared[scalar.value].contains(.whitespace) else { break }
            lower = max(start, lower - scalar.utf8.count)
        }
        while token.stripsRight, upper < bytes.count {
            let scalar = decodeScalar(in: bytes, at: upper)
            guard ScalarProperties.shared[scalar.value].contains(.whitespace) else { break }
            upper = scalar.end
        }
        return lower..<upper
    }

    private func touchesWord(
        _ range: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        let properties = ScalarProperties.shared
        if range.lowerBound > 0,
            properties[scalarBefore(range.lowerBound, in: bytes).value].contains(.word)
        {
            return true
        }
        return range.upperBound < bytes.count
            && properties[decodeScalar(in: bytes, at: range.upperBound).value].contains(.word)
    }

    private func scalarBefore(
        _ position: Int, in bytes: UnsafeBufferPointer<UInt8>
    ) -> Unicode.Scalar {
        var start = position - 1
        while start > 0 && bytes[start] & 0xc0 == 0x80 { start -= 1 }
        return Unicode.Scalar(decodeScalar(in: bytes, at: start).value) ?? "\u{fffd}"
    }
}
