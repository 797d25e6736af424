/// A gzip member (RFC 1952) that holds bytes as they are, in stored blocks: no packer is needed.
func gzip(_ text: some Collection<UInt8>) -> [UInt8] {
    var member: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
    var rest = Array(text)[...]
    repeat {
        let block = rest.prefix(65_535)
        rest = rest.dropFirst(block.count)
        let size = UInt16(block.count)
        member += [rest.isEmpty ? 1 : 0]
        member += [UInt8(size & 255), UInt8(size >> 8), UInt8(~size & 255), UInt8(~size >> 8)]
        member += block
    } while !rest.isEmpty
    var checksum = UInt32.max
    for byte in text {
        checksum ^= UInt32(byte)
        for _ in 0..<8 {
            checksum = checksum & 1 == 1 ? checksum >> 1 ^ 0xEDB8_8320 : checksum >> 1
        }
    }
    for value in [~checksum, UInt32(text.count)] {
        member += (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
    return member
}
