import Randomness
import Rationales
import Testing

@Suite struct RationaleTests {
    let text = "a dull ,\n\tlifeless  film"
    let words = [0..<1, 2..<6, 7..<8, 10..<18, 20..<24]

    @Test func adjacentWordsFormOneSnippetWithTheOriginalWhiteSpace() {
        let rationale = Rationale(text: text, words: words, selection: [1, 3, 4])

        #expect(rationale.snippets.map(\.text) == ["dull", "lifeless  film"])
        #expect(rationale.snippets.map(\.utf8Range) == [2..<6, 10..<24])
        #expect(rationale.snippets.map(\.words) == [1..<2, 3..<5])
        #expect(rationale.selection == [1, 3, 4])
        #expect(rationale.wordRanges == [2..<6, 10..<18, 20..<24])
    }

    @Test func theClassifierReadsTheWordsJoinedBySingleSpaces() {
        let input = Rationale(text: text, words: words, selection: [0, 3, 4])
            .classifierInput(query: "good ?")

        #expect(input == RationaleWords(words: ["a", "lifeless", "film"], query: "good ?"))
        #expect(input.text == "a lifeless film")
    }

    @Test func theClassifierInputIsTheSameWhereverTheWordsStand() {
        let near = Rationale(text: "x y z", words: [0..<1, 2..<3, 4..<5], selection: [0, 1])
        let far = Rationale(
            text: "z x  w y", words: [0..<1, 2..<3, 5..<6, 7..<8], selection: [1, 3])
        #expect(near.classifierInput(query: nil) == far.classifierInput(query: nil))
    }

    @Test func anEmptySelectionHasNoSnippets() {
        let rationale = Rationale(text: text, words: words, selection: [])
        #expect(rationale.snippets.isEmpty)
        #expect(rationale.classifierInput(query: nil).text == "")
        #expect(Rationale(text: "", words: [], selection: []).selection == [])
    }

    @Test func scalarsAreNotMergedIntoGraphemes() {
        // A word may begin with a combining accent: its snippet is cut between scalars.
        let text = "cafe \u{301}x \u{1F600}"
        let rationale = Rationale(text: text, words: [0..<4, 5..<8, 9..<13], selection: [1, 2])
        #expect(
            rationale.words.map { Array($0.unicodeScalars) } == [["\u{301}", "x"], ["\u{1F600}"]])
    }

    @Test func aSnippetIsFoundInItsTextAndNotInAnother() throws {
        let rationale = Rationale(text: text, words: words, selection: [3, 4])
        let snippet = try #require(rationale.snippets.first)
        let range = try #require(rationale.range(of: snippet, in: text))

        #expect(text[range] == "lifeless  film")
        #expect(rationale.range(of: snippet, in: "a dull ,\n\tlifeless  fill") == nil)
        #expect(rationale.range(of: snippet, in: "short") == nil)
    }

    @Test func theSnippetsHoldExactlyTheSelectedWords() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            var text = ""
            var words: [Range<Int>] = []
            for _ in 0..<Int.random(in: 0...20, using: &generator) {
                text += [" ", "\n ", "\u{3000}"].randomElement(using: &generator) ?? " "
                let start = text.utf8.count
                text += ["a", "été", "词", "🙂!"].randomElement(using: &generator) ?? "a"
                words.append(start..<text.utf8.count)
            }
            let selection = words.indices.filter { _ in Bool.random(using: &generator) }
            let rationale = Rationale(text: text, words: words, selection: selection)

            #expect(rationale.snippets.flatMap { Array($0.words) } == selection)
            #expect(
                zip(rationale.snippets, rationale.snippets.dropFirst())
                    .allSatisfy { $0.words.upperBound < $1.words.lowerBound })
            for snippet in rationale.snippets {
                let scalars = Array(text.unicodeScalars)[snippet.scalarRange]
                #expect(scalars.elementsEqual(snippet.text.unicodeScalars))
                #expect(Array(text.utf16)[snippet.utf16Range].elementsEqual(snippet.text.utf16))
                let range = rationale.range(of: snippet, in: text)
                #expect(range.map { String(text[$0]) } == snippet.text)
            }
        }
    }

    @Test func refusesASelectionOutOfOrder() async {
        await #expect(processExitsWith: .failure) {
            _ = Rationale(text: "a b", words: [0..<1, 2..<3], selection: [1, 0])
        }
    }

    @Test func refusesWordsThatCutAScalar() async {
        await #expect(processExitsWith: .failure) {
            _ = Rationale(text: "é", words: [0..<1], selection: [0])
        }
    }
}
