import Foundation
import TestSupport
import Testing

import Warrant

@Suite struct StabilityTests {
    private func edited(
        _ text: String, _ word: Int, _ replacement: String?, marks: [Range<Int>]? = nil
    ) -> Document {
        WordEdit(word: word, replacement: replacement)
            .applied(to: Document(text, humanRationale: marks), words: wordRanges(in: text))
    }

    @Test func aWordIsReplacedInItsPlace() {
        let document = edited("a  dull\tfilm", 1, "café", marks: [1..<2])
        #expect(document.text == "a  café\tfilm" && document.humanRationale == [1..<2])
    }

    @Test func withADeletedWordGoesTheSpaceAfterIt() {
        #expect(edited("a dull film", 0, nil).text == "dull film")
        #expect(edited("a dull film", 1, nil).text == "a film")
        #expect(edited("a dull film", 2, nil).text == "a dull")
        #expect(edited("a dull film\n", 2, nil).text == "a dull\n")
        #expect(edited("one line\nanother", 1, nil).text == "one \nanother", "the break stays")
    }

    @Test func marksMoveWithTheirWords() {
        #expect(edited("a b c d e", 0, nil, marks: [1..<3]).humanRationale == [0..<2])
        #expect(edited("a b c d e", 1, nil, marks: [1..<3]).humanRationale == [1..<2])
        #expect(edited("a b c d e", 3, nil, marks: [1..<3]).humanRationale == [1..<3])
        #expect(edited("a b c d e", 1, nil, marks: [1..<2, 3..<5]).humanRationale == [2..<4])
    }

    @Test func editsAreOfUnselectedWordsAndDrawnAlikeEverywhere() {
        let texts = ["a dull film", "a warm story , well told", "a plot"]
        let edits = WordEdits(drawnFrom: texts, by: .whitespace, seed: 7)
        let words = ["one", "two", "three", "four", "two"]
        for edit in Stability.Edit.allCases {
            let drawn = edits.draw(edit, 200, document: 3, words: words, selection: [1, 3])
            #expect(drawn.count == 200 && Set(drawn.map(\.word)) == [0, 2, 4])
            #expect(drawn.allSatisfy { ($0.replacement == nil) == (edit == .delete) })
            let again = WordEdits(drawnFrom: texts, by: .whitespace, seed: 7)
                .draw(edit, 200, document: 3, words: words, selection: [1, 3])
            #expect(drawn == again)
            #expect(
                drawn != edits.draw(edit, 200, document: 4, words: words, selection: [1, 3]))
        }
        let known = Set(texts.flatMap { $0.split(separator: " ").map(String.init) })
        let replaced = edits.draw(.replace, 200, document: 0, words: words, selection: [])
        #expect(Set(replaced.compactMap(\.replacement)) == known)
        #expect(
            edits.draw(.delete, 10, document: 0, words: words, selection: [0, 1, 2, 3, 4]).isEmpty)
        #expect(edits.draw(.delete, 10, document: 0, words: ["one"], selection: []).isEmpty)
    }

    @Test func aTextCountsOnceHoweverOftenItFlips() {
        var rates = Stability.Rates()
        rates.add(
            [(true, false), (true, true), (true, true)] + Array(repeating: (false, false), count: 7)
        )
        rates.add(Array(repeating: (false, false), count: 9) + [(true, true)])
        #expect(rates.documents == 2 && rates.edits == 20)
        #expect(rates.selectionChanges == 4.0 / 20 && rates.labelChanges == 3.0 / 20)
        #expect(rates.documentsWithAFlip == [0, 0.5, 1])
    }
}
