/// The words of a text as UTF-8 byte ranges: maximal runs of non-whitespace.
///
/// Whitespace is Unicode's White_Space, as in the tokenizer. The ranges are in order and do not
/// overlap; `text.utf8` offsets, so a word is
/// `text.utf8[text.utf8.index(text.startIndex, offsetBy: range.lowerBound)...]` up to the upper
/// bound.
///
///     wordRanges(in: "a  café")  // [0..<1, 3..<8]
///
/// - Complexity: O(bytes), one pass.
package func wordRanges(in text: String) -> [Range<Int>] {
    withUTF8Bytes(of: text, wordRanges(in:))
}

func wordRanges(in bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    var words: [Range<Int>] = []
    words.reserveCapacity(bytes.count / 5)
    var start = 0
    var position = 0
    while position < bytes.count {
        let length = whitespaceLength(in: bytes, at: position)
        if length == 0 {
            position += 1
        } else {
            if start < position { words.append(start..<position) }
            position += length
            start = position
        }
    }
    if start < position { words.append(start..<position) }
    return words
}

/// The bytes of the White_Space scalar that starts at `position`, 0 where none does.
///
/// White_Space is closed in practice (last changed in Unicode 6.3), and its lead bytes are few, so
/// the bytes are compared without decoding.
@inline(__always)
private func whitespaceLength(in bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Int {
    let byte = bytes[position]
    if byte < 0x80 { return byte == 0x20 || (byte >= 0x09 && byte <= 0x0d) ? 1 : 0 }
    if byte == 0xc2 {
        guard position + 1 < bytes.count else { return 0 }
        return bytes[position + 1] == 0x85 || bytes[position + 1] == 0xa0 ? 2 : 0
    }
    guard byte >= 0xe1, byte <= 0xe3, position + 2 < bytes.count else { return 0 }
    switch (byte, bytes[position + 1], bytes[position + 2]) {
    case (0xe1, 0x9a, 0x80), (0xe2, 0x80, 0x80...0x8a), (0xe2, 0x80, 0xa8...0xa9),
        (0xe2, 0x80, 0xaf), (0xe2, 0x81, 0x9f), (0xe3, 0x80, 0x80):
        return 3
    default:
        return 0
    }
}

/// Calls `body` with the text's UTF-8 bytes, copied only where the string is not stored as UTF-8.
func withUTF8Bytes<Result>(
    of text: String, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
) rethrows -> Result {
    if let result = try text.utf8.withContiguousStorageIfAvailable(body) { return result }
    return try Array(text.utf8).withUnsafeBufferPointer(body)
}
