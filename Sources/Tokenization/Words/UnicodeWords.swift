/// Cuts a text into the words of `WordRule.unicode`.
///
/// A word is the longest of these that begins where the word before it ended:
///
/// - letters and digits of scripts that write spaces, with the marks on them;
/// - one CJK character (those that BERT's tokenizer sets apart, and later extensions), with its marks;
/// - a grapheme cluster of anything else: a letter of a script without spaces between words (Thai, Lao,
///   Khmer, Myanmar, kana, …) with its vowel signs, a punctuation mark, a symbol, two regional
///   indicators, an emoji with its modifiers and what zero-width joiners join to it.
///
/// Where a word ends does not depend on what stands before it or after the scalar that ends it, so that
/// any run of whole words is cut as it is within its text.
///
/// What a scalar is comes from tables of the project's own (`ScalarTables`), not from the standard
/// library, which changes between toolchains. Clusters are those of Unicode Standard Annex 29 where
/// texts have them, by simpler rules: a format or control character belongs to what it follows, a joiner
/// joins any two symbols, and a subscript consonant of Khmer, Myanmar or Tai Tham stays with its base.
enum UnicodeWords {
    static func ranges(in bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        var words: [Range<Int>] = []
        words.reserveCapacity(bytes.count / 4)
        var position = 0
        while position < bytes.count {
            let first = DecodedScalar(bytes, at: position)
            if first.kind == .space {
                position = first.end
            } else {
                let end = self.end(of: first, in: bytes)
                words.append(position..<end)
                position = end
            }
        }
        return words
    }

    /// The end of the word that a scalar begins.
    private static func end(
        of first: DecodedScalar, in bytes: UnsafeBufferPointer<UInt8>
    ) -> Int {
        var last = first
        var isPair = false
        while last.end < bytes.count {
            let next = DecodedScalar(bytes, at: last.end)
            switch next.kind {
            case .mark: break
            case .solid: guard first.kind == .solid else { return last.end }
            case .symbol where first.kind == .symbol && last.value == DecodedScalar.joiner: break
            case .regional where first.kind == .regional && last.kind == .regional && !isPair:
                isPair = true
            case .cluster where first.kind == .cluster && last.stacksNext: break
            default: return last.end
            }
            last = next
        }
        return last.end
    }
}

/// Whether a text is written in scripts without spaces, and has hardly any: most of its letters are of
/// such scripts, with less than one white space character for 30 of them.
///
///     hasHardlyAnySpaces("这部电影非常无聊，浪费时间")  // true
///
/// - Complexity: O(bytes).
package func hasHardlyAnySpaces(_ text: String) -> Bool {
    withUTF8Bytes(of: text) { bytes in
        var (unspaced, spaced, spaces) = (0, 0, 0)
        var position = 0
        while position < bytes.count {
            let scalar = DecodedScalar(bytes, at: position)
            switch scalar.kind {
            case .ideograph, .cluster: unspaced += 1
            case .solid: spaced += 1
            case .space: spaces += 1
            default: break
            }
            position = scalar.end
        }
        return unspaced > spaced && spaces * 30 < unspaced
    }
}
