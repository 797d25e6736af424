import Randomness
import Rationales
import Testing

@Suite struct SentenceRangesTests {
    /// The sentences of a text, words joined by single spaces.
    private func sentences(_ text: String) -> [String] {
        let words = Self.words(text)
        let bytes = Array(text.utf8)
        return sentenceRanges(in: text, words: words).map { sentence in
            words[sentence].map { String(decoding: bytes[$0], as: UTF8.self) }
                .joined(separator: " ")
        }
    }

    /// UTF-8 ranges of the runs between white space.
    private static func words(_ text: String) -> [Range<Int>] {
        text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).map { word in
            let start = text.utf8.distance(from: text.startIndex, to: word.startIndex)
            return start..<start + text.utf8.distance(from: word.startIndex, to: word.endIndex)
        }
    }

    @Test func marksEndASentence() {
        #expect(
            sentences("Dull. Really? Yes! And so on… The end")
                == ["Dull.", "Really?", "Yes!", "And so on…", "The end"])
        #expect(sentences("no marks here") == ["no marks here"])
        #expect(sentences("one. two.") == ["one.", "two."])
    }

    @Test func closingQuotesAndBracketsBelongToTheSentence() {
        #expect(
            sentences(#"He said "no." (She left.) “Why?” It rained.'"#)
                == [#"He said "no.""#, "(She left.)", "“Why?”", "It rained.'"])
    }

    @Test func marksThatStandAloneEndASentenceToo() {
        #expect(sentences("a film . it ends") == ["a film .", "it ends"])
        #expect(sentences("what ? ! no . . . then") == ["what ? !", "no . . .", "then"])
        #expect(sentences("( it ends . ) and on") == ["( it ends . )", "and on"])
        #expect(sentences("it ends . ” then ) on") == ["it ends . ”", "then ) on"])
        #expect(sentences(#"it ends . " then "#) == ["it ends .", #"" then"#])
        #expect(sentences(". . a") == [". .", "a"])
    }

    @Test func abbreviationsDoNot() {
        #expect(sentences("Mr. J. Doe met Dr. Roe. Fine.") == ["Mr. J. Doe met Dr. Roe.", "Fine."])
        #expect(sentences("the U.S. army, e.g. (cf. Fig. 2). Fine.").count == 2)
        #expect(sentences("Ali vs. Frazier (J. R. R. T.) et al. won. Yes").count == 2)
        // An ellipsis is none, nor is a small letter or a number.
        #expect(sentences("Mr... at x. In 1995. Here") == ["Mr...", "at x.", "In 1995.", "Here"])
        #expect(sentences("Mr! So") == ["Mr!", "So"])
    }

    @Test func initialsOfOtherAlphabetsAreAbbreviationsToo() {
        for name in ["Л. Толстой", "Α. Παπαδόπουλος", "Ș. Popescu", "É. Zola", "Ə. Qurbanov"] {
            #expect(sentences("\(name) wrote. Yes").count == 2, "\(name)")
        }
        #expect(sentences("в точке х. Да") == ["в точке х.", "Да"])
        // Letters of no other script abbreviate so.
        #expect(sentences("第一章 一. 二") == ["第一章 一.", "二"])
    }

    @Test func numbersAndNamesWithDotsInsideDoNot() {
        #expect(sentences("It cost 3.5 at a.com today") == ["It cost 3.5 at a.com today"])
    }

    @Test(arguments: ["\n", "\r\n", " \n ", "\n\n", "\u{85}", "\u{2028}", "\u{2029}"])
    func linesAreSentencesWhereThereAreAny(lineBreak: String) {
        #expect(
            sentences("One . Two .\(lineBreak)three four\(lineBreak)five.")
                == ["One . Two .", "three four", "five."])
    }

    @Test func fullStopsOfScriptsWithoutSpacesEndSentencesOfWordsThatTouch() {
        // Every scalar is a word.
        func sentences(_ text: String) -> [String] {
            var end = 0
            let words = text.unicodeScalars.compactMap { scalar -> Range<Int>? in
                defer { end += UTF8.width(scalar) }
                return scalar == " " ? nil : end..<end + UTF8.width(scalar)
            }
            let bytes = Array(text.utf8)
            return sentenceRanges(in: text, words: words).map { sentence in
                let (first, last) = (words[sentence.lowerBound], words[sentence.upperBound - 1])
                return String(
                    decoding: bytes[first.lowerBound..<last.upperBound], as: UTF8.self)
            }
        }
        #expect(sentences("很好。「不好！」走") == ["很好。", "「不好！」", "走"])
        #expect(sentences("好？！ 走。") == ["好？！", "走。"])
        #expect(sentences("Mr. Doe left. Fine.") == ["Mr. Doe left.", "Fine."])
    }

    @Test func aLineBreakAroundTheTextIsNoLine() {
        #expect(sentences("\nOne. Two.\n") == ["One.", "Two."])
    }

    @Test func theFirstWordsOfATextCanBeSplit() {
        let text = "One two. Three\nfour"
        #expect(sentenceRanges(in: text, words: [0..<3, 4..<8, 9..<14]) == [0..<2, 2..<3])
        #expect(sentenceRanges(in: text, words: []) == [])
        #expect(sentenceRanges(in: "", words: []) == [])
    }

    @Test func rangesHoldAllWordsInOrder() {
        var generator = SeededGenerator(seed: 34)
        let parts = ["a", "Mr.", "end.", "?", ")", "\"", "…", "J.", "été.", "词。", ".\"", "x’"]
        let spaces = [" ", " ", " ", "  ", "\t", "\u{3000}"]
        for round in 0..<300 {
            var text = ""
            for _ in 0..<Int.random(in: 0...20, using: &generator) {
                text += parts.randomElement(using: &generator) ?? ""
                text += spaces.randomElement(using: &generator) ?? " "
                if round % 3 == 0 && Int.random(in: 0..<5, using: &generator) == 0 { text += "\n" }
            }
            let words = Self.words(text)
            let ranges = sentenceRanges(in: text, words: words)
            #expect(ranges.flatMap { Array($0) } == Array(words.indices))
            #expect(ranges.allSatisfy { !$0.isEmpty })
        }
    }

    @Test func refusesWordsOutsideTheText() async {
        await #expect(processExitsWith: .failure) {
            _ = sentenceRanges(in: "a b", words: [0..<1, 2..<4])
        }
    }
}
