/// The letters in which a byte-level vocabulary writes bytes: printable characters of Latin-1 stand
/// for themselves, the others for those from U+0100 on in order, so that no token holds a space or
/// a control character (Radford et al., "Language models are unsupervised multitask learners",
/// 2019). A space is Ġ, U+0120.
enum ByteLevelAlphabet {
    /// The letter of each byte.
    static let letters: [Unicode.Scalar] = {
        var others: UInt32 = 0x100
        return (UInt32(0)...255).map { byte in
            switch byte {
            case 0x21...0x7e, 0xa1...0xac, 0xae...0xff: return Unicode.Scalar(UInt8(byte))
            default:
                others += 1
                return Unicode.Scalar(others - 1) ?? " "
            }
        }
    }()

    /// The UTF-8 of each byte's letter: the first byte in the low half, the second, or 0, above it.
    static let encoded: [UInt16] = letters.map { letter in
        let bytes = Array(String(letter).utf8)
        return UInt16(bytes[0]) | (bytes.count > 1 ? UInt16(bytes[1]) << 8 : 0)
    }

    /// The letter of a space.
    static let space = letters[0x20].value

    /// The bytes that a token stands for; nil where it holds something else than letters of bytes.
    static func bytes(of token: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        for scalar in String(decoding: Array(token), as: UTF8.self).unicodeScalars {
            guard scalar.value < byteOfLetter.count, let byte = byteOfLetter[Int(scalar.value)]
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static let byteOfLetter: [UInt8?] = {
        var table = [UInt8?](repeating: nil, count: 0x200)
        for (byte, letter) in letters.enumerated() { table[Int(letter.value)] = UInt8(byte) }
        return table
    }()
}
