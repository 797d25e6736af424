import Randomness
import Rationales
import Testing

@Suite struct SentencesTests {
    let scores: [Float] = [1, 1, 3, 1, 2, 2]
    let sentences = [0..<2, 2..<4, 4..<6]

    @Test func keepsTheBestWholeSentencesWithinTheBudget() {
        #expect(Sentences(words: 2).select(scores, sentences: sentences) == [2, 3])
        #expect(Sentences(words: 3).select(scores, sentences: sentences) == [2, 3])
        #expect(Sentences(words: 4).select(scores, sentences: sentences) == [2, 3, 4, 5])
        #expect(Sentences(ratio: 1).select(scores, sentences: sentences) == [0, 1, 2, 3, 4, 5])
    }

    @Test func severalShortSentencesMayBeWorthMoreThanTheBest() {
        let selection = Sentences(words: 4)
            .select([4, 1, 1, 0, 3, 0, 2, 2], sentences: [0..<4, 4..<6, 6..<8])
        #expect(selection == [4, 5, 6, 7])
    }

    @Test func tiesGoToFewerWordsThenToEarlierSentences() {
        #expect(
            Sentences(words: 2).select([2, 1, 1, 2], sentences: [0..<1, 1..<3, 3..<4]) == [0, 3])
        #expect(Sentences(words: 1).select([2, 2, 2], sentences: [0..<1, 1..<2, 2..<3]) == [0])
        #expect(Sentences(words: 2).select([1, 1, 2], sentences: [0..<2, 2..<3]) == [2])
        // A sentence without saliency adds nothing but words.
        #expect(Sentences(ratio: 1).select([0, 1, 0], sentences: [0..<1, 1..<2, 2..<3]) == [1])
    }

    @Test func aBudgetBelowEverySentenceKeepsTheBestSpanInsideOne() {
        // The best span of two words, 3 and 4, lies across two sentences.
        let scores: [Float] = [1, 2, 3, 4, 1, 1]
        #expect(Sentences(words: 2).select(scores, sentences: [0..<3, 3..<6]) == [1, 2])
        #expect(Sentences(words: 1).select(scores, sentences: [0..<3, 3..<6]) == [3])
        #expect(
            Sentences(words: 2).select([1, 1, 1, 1, 1, 1], sentences: [0..<3, 3..<6]) == [0, 1])
    }

    @Test func withoutSaliencyTheFirstBestSentenceThatFitsIsKept() {
        #expect(Sentences(words: 2).select([0, 0, 0, 0], sentences: [0..<3, 3..<4]) == [3])
        #expect(Sentences(words: 2).select([-2, -1, -1], sentences: [0..<1, 1..<2, 2..<3]) == [1])
    }

    @Test func agreesWithExhaustiveSearchOverSets() {
        var generator = SeededGenerator(seed: 25)
        for _ in 0..<400 {
            let whole = (0..<Int.random(in: 1...24, using: &generator)).map { _ in
                Int.random(in: 0...4, using: &generator)
            }
            let document = RandomDocument(scores: whole.map { Float($0) }, &generator)
            let sentences = document.sentences
            guard sentences.count <= 10 else { continue }
            let budget = Int.random(in: 1...whole.count, using: &generator)
            let worths = sentences.map { whole[$0].reduce(0, +) }
            func members(_ set: Int) -> [Int] { sentences.indices.filter { set >> $0 & 1 == 1 } }
            func words(_ set: Int) -> Int { members(set).reduce(0) { $0 + sentences[$1].count } }
            func worth(_ set: Int) -> Int { members(set).reduce(0) { $0 + worths[$1] } }
            // Whether a goes before b in order of worth, fewer words, earlier sentences.
            func isBetter(_ a: Int, _ b: Int) -> Bool {
                if worth(a) != worth(b) { return worth(a) > worth(b) }
                if words(a) != words(b) { return words(a) < words(b) }
                let differing = (a ^ b).trailingZeroBitCount
                return a != b && a >> differing & 1 == 1
            }
            let sets = (1..<1 << sentences.count).filter { words($0) <= budget && worth($0) > 0 }
            guard let first = sets.first else { continue }
            let best = sets.reduce(first) { isBetter($1, $0) ? $1 : $0 }
            let expected = members(best).flatMap { Array(sentences[$0]) }

            for scale: Float in [1, 0x1p-100, 0x1p+100] {
                #expect(
                    Sentences(words: budget).select(
                        whole.map { Float($0) * scale }, sentences: sentences)
                        == expected)
            }
        }
    }

    @Test func neverExceedsTheBudget() {
        var generator = SeededGenerator(seed: 26)
        for _ in 0..<500 {
            let document = RandomDocument(words: 1...60, &generator)
            let budget = Int.random(in: 1...60, using: &generator)
            let selection = Sentences(words: budget)
                .select(document.scores, sentences: document.sentences)
            #expect((1...budget).contains(selection.count))
            let whole = document.sentences.allSatisfy { sentence in
                [0, sentence.count].contains(selection.count { sentence.contains($0) })
            }
            // Sentences are whole where one fits.
            #expect(whole || document.sentences.allSatisfy { $0.count > budget })
        }
    }

    @Test func aTableTooLargeIsApproximatedWithinAHalf() {
        // 1,500 sentences and 2,000 words: past the limit of the table.
        var generator = SeededGenerator(seed: 27)
        var sentences: [Range<Int>] = []
        var end = 0
        for _ in 0..<1_500 {
            let count = Int.random(in: 1...5, using: &generator)
            sentences.append(end..<end + count)
            end += count
        }
        let whole = (0..<end).map { _ in Int.random(in: 1...100, using: &generator) }
        let budget = 2_000
        #expect(sentences.count * budget > Sentences.tableLimit)

        let scores = whole.map { Float($0) }
        let selection = Sentences(words: budget).select(scores, sentences: sentences)
        #expect(selection.count <= budget)
        #expect(selection == Sentences(words: budget).select(scores, sentences: sentences))
        // No set within the budget holds more than the budget's best words.
        let bound = whole.sorted(by: >).prefix(budget).reduce(0, +)
        #expect(2 * selection.reduce(0) { $0 + whole[$1] } >= bound)
    }

    @Test func oneGreatSentenceBeatsTheFirstThatAreDense() {
        // By saliency a word the short sentences come first, and then the great one does not fit.
        let count = 1_100
        let great = Array(repeating: Float(10), count: count)
        let scores = [11] + great + [Float](repeating: 1, count: 1_000)
        let sentences =
            [0..<1, 1..<count + 1] + (0..<1_000).map { count + 1 + $0..<count + 2 + $0 }
        #expect(sentences.count * count > Sentences.tableLimit)
        #expect(
            Sentences(words: count).select(scores, sentences: sentences) == Array(1...count))
    }

    @Test func refusesSentencesThatDoNotHoldAllWords() async {
        await #expect(processExitsWith: .failure) {
            _ = Sentences(words: 1).select([1, 1], sentences: [0..<1])
        }
        await #expect(processExitsWith: .failure) {
            _ = Sentences(words: 1).select([1, 1], sentences: [0..<1, 0..<2])
        }
    }
}
