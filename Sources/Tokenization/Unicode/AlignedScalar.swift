/// A scalar of a text, or of the normalised text, and the bytes of the text that it stands for.
struct AlignedScalar {
    var value: UInt32
    var start: Int
    var end: Int
}

/// The scalar that starts at `position`; the bytes are a string's, so they are valid UTF-8.
@inline(__always)
func decodeScalar(in bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> AlignedScalar {
    let lead = UInt32(bytes[position])
    let length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    var value = length == 1 ? lead : lead & (0x7f >> UInt32(length))
    for index in 1..<max(length, 1) { value = value << 6 | UInt32(bytes[position + index] & 0x3f) }
    return AlignedScalar(value: value, start: position, end: position + length)
}
