import Testing
import Tokenization

@Suite struct WordRangesTests {
    private func words(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        return wordRanges(in: text).map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    @Test func rangesAreUTF8Offsets() {
        #expect(wordRanges(in: "a  café\n") == [0..<1, 3..<8])
    }

    @Test func textWithoutWordsHasNone() {
        #expect(wordRanges(in: "").isEmpty)
        #expect(wordRanges(in: " \t\r\n\u{3000}").isEmpty)
    }

    @Test func wordsEndAtEveryWhiteSpaceScalarAndNowhereElse() {
        for value: UInt32 in 0...0x10ffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let expected = scalar.properties.isWhitespace ? 2 : 1
            let count = wordRanges(in: "x\(scalar)y").count
            if count != expected { Issue.record("U+\(String(value, radix: 16)): \(count) words") }
        }
    }

    @Test func graphemesDoNotHideWhitespace() {
        // A combining mark after a space joins it into one Character; the space still counts.
        #expect(words("a \u{301}b\r\nc") == ["a", "\u{301}b", "c"])
    }
}
