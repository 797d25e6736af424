import Encoders
import Randomness
import TestSupport
import Testing
import Tokenization

@Suite struct UnicodeWordsTests {
    private static func words(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        return WordRule.unicode.ranges(in: text).map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    @Test func lettersAndDigitsOfScriptsWithSpacesStandTogether() {
        #expect(Self.words("a dull, warm film!") == ["a", "dull", ",", "warm", "film", "!"])
        #expect(Self.words("ça était  naïve 3rd") == ["ça", "était", "naïve", "3rd"])
        #expect(Self.words("cafe\u{301}x don't") == ["cafe\u{301}x", "don", "'", "t"])
        #expect(Self.words("فيلم ممل، جداً") == ["فيلم", "ممل", "،", "جداً"])
        #expect(Self.words("نمی\u{200C}خواهم") == ["نمی\u{200C}خواهم"], "a joiner is no space")
        #expect(Self.words("यह फ़िल्म।") == ["यह", "फ़िल्म", "।"])
        #expect(Self.words("영화가 좋다.") == ["영화가", "좋다", "."])
        #expect(Self.words("d\u{200B}ull \u{202E}x") == ["d\u{200B}ull", "\u{202E}", "x"])
    }

    @Test func everyCJKCharacterIsAWord() {
        #expect(Self.words("这部film很好，2次") == ["这", "部", "film", "很", "好", "，", "2", "次"])
        #expect(Self.words("人々𠀀\u{30000}") == ["人", "々", "𠀀", "\u{30000}"])
        #expect(Self.words("葛\u{E0100}城") == ["葛\u{E0100}", "城"], "with its variation selector")
    }

    @Test func otherScriptsWithoutSpacesAreCutIntoClusters() {
        #expect(Self.words("映画はガ\u{3099}ッ") == ["映", "画", "は", "ガ\u{3099}", "ッ"])
        #expect(Self.words("น่าเบื่อ") == ["น่", "า", "เ", "บื่", "อ"])
        #expect(Self.words("ทำ") == ["ทำ"], "SARA AM belongs to its consonant")
        #expect(Self.words("ខ្មែរ") == ["ខ្មែ", "រ"], "a subscript consonant stays with its base")
        #expect(Self.words("မြန်မာ") == ["မြ", "န်", "မာ"])
    }

    @Test func symbolsAreClustersToo() {
        #expect(Self.words("👎🏿👍!?") == ["👎🏿", "👍", "!", "?"])
        #expect(Self.words("👨‍👩‍👧‍👦😀") == ["👨‍👩‍👧‍👦", "😀"])
        #expect(Self.words("🇩🇪🇫🇷🇪") == ["🇩🇪", "🇫🇷", "🇪"])
        #expect(Self.words("❤️1️⃣") == ["❤️", "1️⃣"])
        #expect(Self.words("🏴󠁧󠁢󠁥󠁮󠁧󠁿x") == ["🏴󠁧󠁢󠁥󠁮󠁧󠁿", "x"])
    }

    /// Texts that join scalars of every kind at random.
    private static func randomText(_ generator: inout SeededGenerator) -> String {
        let kinds: [ClosedRange<UInt32>] = [
            0x00...0x7F, 0x80...0x24F, 0x300...0x36F, 0x370...0x52F, 0x590...0x6FF, 0x900...0x97F,
            0xE00...0xEFF, 0x1000...0x109F, 0x1780...0x17FF, 0x2000...0x206F, 0x2600...0x27BF,
            0x3000...0x30FF, 0x4E00...0x4E40, 0xAC00...0xAC40, 0xE000...0xE010, 0xFE00...0xFE0F,
            0xFF00...0xFFFD, 0x1F1E6...0x1F1FF, 0x1F3F0...0x1F64F, 0x20000...0x20010,
            0xE0001...0xE01EF, 0x0...0x10FFFF,
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...24, using: &generator) {
            let kind = kinds[Int.random(in: 0..<kinds.count, using: &generator)]
            if let scalar = Unicode.Scalar(UInt32.random(in: kind, using: &generator)) {
                text.append(scalar)
            }
            if Int.random(in: 0..<8, using: &generator) == 0 { text.append(" ") }
            if Int.random(in: 0..<8, using: &generator) == 0 { text.append("\u{200D}") }
        }
        return String(text)
    }

    @Test func wordsHoldAllThatIsNoWhiteSpaceAndAreCutAlikeAnywhere() {
        var generator = SeededGenerator(seed: 21)
        for _ in 0..<3_000 {
            let text = Self.randomText(&generator)
            let bytes = Array(text.utf8)
            let words = WordRule.unicode.ranges(in: text)
            var end = 0
            for word in words {
                #expect(word.lowerBound >= end && !word.isEmpty)
                #expect(bytes[word.lowerBound] & 0xC0 != 0x80, "words begin with a scalar")
                end = word.upperBound
            }
            // Words of white space's rule are made of whole words of this one.
            let runs = WordRule.unicode.runs(in: text)
            #expect(runs.flatMap { Array($0) } == Array(words.indices))
            for (run, range) in zip(runs, wordRanges(in: text)) {
                #expect(words[run.lowerBound].lowerBound == range.lowerBound)
                #expect(words[run.upperBound - 1].upperBound == range.upperBound)
                for (word, next) in zip(words[run], words[run].dropFirst()) {
                    #expect(word.upperBound == next.lowerBound)
                }
            }
            // A run of words is cut by itself as it is within its text.
            guard !words.isEmpty else { continue }
            let first = Int.random(in: words.indices, using: &generator)
            let last = Int.random(in: first..<words.count, using: &generator)
            let start = words[first].lowerBound
            let part = String(decoding: bytes[start..<words[last].upperBound], as: UTF8.self)
            #expect(
                WordRule.unicode.ranges(in: part)
                    == words[first...last].map {
                        $0.lowerBound - start..<$0.upperBound - start
                    }, "\(text.unicodeScalars.map { String($0.value, radix: 16) })")
        }
    }

    @Test func joiningASCIITextsBySpacesJoinsTheirWords() {
        var generator = SeededGenerator(seed: 22)
        for _ in 0..<500 {
            let texts = (0..<2).map { _ in
                String(
                    String.UnicodeScalarView(
                        (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                            Unicode.Scalar(UInt8.random(in: 0x20..<0x7F, using: &generator))
                        }))
            }
            #expect(Self.words(texts.joined(separator: " ")) == texts.flatMap(Self.words))
        }
    }

    @Test func marksInDataAreThoseOfTheRunsWords() {
        let text = "film 很好! ok"
        #expect(WordRule.unicode.runs(in: text) == [0..<1, 1..<4, 4..<5])
        #expect(WordRule.unicode.words(inRuns: [1..<2], of: text) == [1..<4])
        #expect(WordRule.unicode.words(inRuns: [0..<1, 2..<9], of: text) == [0..<1, 4..<5])
        #expect(WordRule.whitespace.words(inRuns: [1..<2], of: text) == [1..<2])
    }

    @Test func textsWithoutSpacesAreTold() {
        for text in ["这部电影非常无聊，浪费时间", "映画はとても退屈でした", "หนังเรื่องนี้น่าเบื่อมาก"] {
            #expect(hasHardlyAnySpaces(text))
        }
        for text in ["", "a dull film", "영화가 좋다", "这部 电影 非常 无聊", "see 电影 there", "👍👍"] {
            #expect(!hasHardlyAnySpaces(text), "\(text)")
        }
    }

    @Test func aPieceOfSeveralWordsCountsForAllOfThem() throws {
        // [UNK] stands for the whole Thai run, 3 words; the letters are pieces of their own.
        let document = try Letters.tokenizer(words: .unicode)
            .chunks(of: "ab น่าเ c", query: nil, ChunkSize(length: 16))
        #expect(document.words.count == 5)
        #expect(document.hasPiece == [true, true, true, true, true])
        #expect(document.sharingPieces([0.2, 0.6, 0, 0, 0.2]) == [0.2, 0.2, 0.2, 0.2, 0.2])
        let plain = try Letters.tokenizer().chunks(
            of: "ab น่าเ c", query: nil, ChunkSize(length: 16))
        #expect(plain.words.count == 3)
        #expect(plain.sharingPieces([0.2, 0.6, 0.2]) == [0.2, 0.6, 0.2])
    }
}
