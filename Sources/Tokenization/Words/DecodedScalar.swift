/// A scalar of a text in UTF-8, with where it ends and what it does to words.
struct DecodedScalar {
    enum Kind {
        case space
        /// A letter or digit of a script that writes spaces.
        case solid
        case ideograph
        /// A letter of a script without spaces between words.
        case cluster
        /// Continues what it follows.
        case mark
        case regional
        case symbol
    }

    static let joiner: UInt32 = 0x200D

    let value: UInt32
    let end: Int
    let kind: Kind

    /// - Parameter bytes: valid UTF-8, in which a scalar begins at `position`.
    @inline(__always)
    init(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) {
        let byte = bytes[position]
        if byte < 0x80 {
            value = UInt32(byte)
            end = position + 1
            kind = Self.ascii[Int(byte)]
            return
        }
        let length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        end = min(position + length, bytes.count)
        var value = UInt32(byte) & (0xFF >> UInt32(length + 1))
        for next in bytes[position + 1..<end] { value = value << 6 | UInt32(next & 0x3F) }
        self.value = value
        kind = Self.kind(of: value)
    }

    /// Whether the letter that follows is written below or around this one: after Myanmar's, Tai Tham's
    /// and Khmer's signs for stacked consonants.
    var stacksNext: Bool { value == 0x1039 || value == 0x1A60 || value == 0x17D2 }

    private static let ascii: [Kind] = (UInt8(0)..<0x80).map { byte in
        switch byte {
        case 0x09...0x0D, 0x20: .space
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: .solid
        case 0x21...0x7E: .symbol
        default: .mark
        }
    }

    private static func kind(of value: UInt32) -> Kind {
        guard value <= 0x10FFFF else { return .symbol }
        let classes = ScalarProperties.shared[value]
        if classes.contains(.whitespace) { return .space }
        if isMark(value, classes) { return .mark }
        if (0x1F1E6...0x1F1FF).contains(value) { return .regional }
        if classes.contains(.ideograph) || isLaterIdeograph(value) { return .ideograph }
        guard !classes.isDisjoint(with: [.letter, .number]) else { return .symbol }
        return writesNoSpaces(value) ? .cluster : .solid
    }

    /// Combining marks, emoji modifiers, what Annex 29 takes for either, and whatever BERT's tokenizer
    /// drops: nothing could be predicted from a word of such characters.
    private static func isMark(_ value: UInt32, _ classes: ScalarProperties.Classes) -> Bool {
        switch value {
        // SARA AM of Thai and Lao, and half-width sound marks, are letters otherwise.
        case 0x0E33, 0x0EB3, 0xFF9E...0xFF9F, 0x1F3FB...0x1F3FF: return true
        // Letters in circles and squares, which are alphabetic.
        case 0x24B6...0x24E9, 0x1F130...0x1F189: return false
        default: break
        }
        if !classes.isDisjoint(with: [.mark, .dropped]) { return true }
        // Of word characters those that are no letters, numbers or connecting punctuation: Mn, Mc, Me.
        return classes.contains(.word)
            && classes.isDisjoint(with: [.letter, .number, .punctuation])
    }

    /// Ideographs that are newer than BERT's list, and signs that stand among ideographs.
    private static func isLaterIdeograph(_ value: UInt32) -> Bool {
        switch value {
        case 0x3005...0x3007, 0x3021...0x3029, 0x303B, 0x2A6E0...0x2FFFF, 0x30000...0x3FFFD: true
        default: false
        }
    }

    /// Whether the script writes no spaces between words: those of Unicode's line breaking class SA,
    /// kana and Bopomofo, and others of East and South East Asia.
    private static func writesNoSpaces(_ value: UInt32) -> Bool {
        switch value {
        case 0x0E00...0x0EFF,  // Thai, Lao
            0x1000...0x109F, 0xA9E0...0xA9FF, 0xAA60...0xAA7F,  // Myanmar
            0x1780...0x17FF, 0x19E0...0x19FF,  // Khmer
            0x1950...0x19DF, 0x1A20...0x1AAF, 0xAA80...0xAADF, 0x11700...0x1174F,  // Tai, Ahom
            0x1B00...0x1B7F, 0xA980...0xA9DF,  // Balinese, Javanese
            0x3040...0x312F, 0x31A0...0x31BF, 0x31F0...0x31FF, 0xFF66...0xFF9F,
            0x1AFF0...0x1B16F,  // kana, Bopomofo
            0xA000...0xA4CF, 0x16FE0...0x18D8F, 0x1B170...0x1B2FF:  // Yi, Tangut, Khitan, Nüshu
            true
        default: false
        }
    }
}
