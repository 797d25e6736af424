import Randomness
import Rationales
import Testing

@Suite struct ContiguousTests {
    @Test func keepsTheSpanWithTheLargestSum() {
        #expect(Contiguous(ratio: 0.5).select([0.9, 0.0, 0.6, 0.5]) == [2, 3])
        #expect(Contiguous(ratio: 0.4).select([0.1, 0.3, 0.2, 0.3, 0.1]) == [1, 2])
    }

    @Test func keepsANumberOfWords() {
        #expect(Contiguous(words: 1).select([0.9, 0.0, 0.6, 0.5]) == [0])
        #expect(Contiguous(words: 2).select([0.9, 0.0, 0.6, 0.5]) == [2, 3])
        #expect(Contiguous(words: 9).select([0.9, 0.0, 0.6, 0.5]) == [0, 1, 2, 3])
    }

    @Test func tiesGoToTheEarlierSpan() {
        #expect(Contiguous(ratio: 0.5).select([0.25, 0.25, 0.25, 0.25]) == [0, 1])
        #expect(Contiguous(ratio: 0.4).select([0, 0.5, 0.5, 0.5, 0]) == [1, 2])
    }

    @Test func aSpanTiesWithTheSameScoresInAnotherOrder() {
        // Added left to right in Float, the two spans differ in the last bit.
        let forwards: [Float] = [0.1, 0.2, 0.3, 0.4, 0.7]
        let scores = forwards + [-9] + Array(forwards.reversed())
        #expect(forwards.reduce(0, +) != forwards.reversed().reduce(0, +))
        #expect(Contiguous(ratio: 5.0 / 11).select(scores) == [0, 1, 2, 3, 4])
        let mirrored = Array(scores.reversed())
        #expect(Contiguous(ratio: 5.0 / 11).select(mirrored) == [0, 1, 2, 3, 4])
    }

    @Test func largeScoresBeforeASpanLeaveNoRoundingErrorInIt() {
        // A sliding sum in Double ends at 0 here and keeps the first two words.
        let scores: [Float] = [2e-17, 2e-17, -2, 1, -2, 3e-17, 3e-17]
        #expect(Contiguous(ratio: 2.0 / 7).select(scores) == [5, 6])
    }

    @Test func agreesWithExhaustiveSearchOverWholeNumbers() {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<300 {
            let whole = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
                Int.random(in: -3...6, using: &generator)
            }
            let ratio = Double.random(in: 0.01...1, using: &generator)
            let size = selectionSize(ratio: ratio, wordCount: whole.count)
            let sums = (0...whole.count - size).map { whole[$0..<$0 + size].reduce(0, +) }
            let start = sums.firstIndex(of: sums.max() ?? 0) ?? 0

            // Any scale of the scores selects the same span.
            for scale: Float in [1, 0x1p-100, 0x1p+100] {
                let scores = whole.map { Float($0) * scale }
                #expect(Contiguous(ratio: ratio).select(scores) == Array(start..<start + size))
            }
        }
    }

    @Test func keepsSubnormalScoresApart() {
        let least = Float.leastNonzeroMagnitude
        #expect(Contiguous(ratio: 0.5).select([least, least, 2 * least, least]) == [1, 2])
    }

    @Test func selectsNothingFromNoWordsAndTheWordFromOne() {
        #expect(Contiguous(ratio: 0.2).select([]) == [])
        #expect(Contiguous(ratio: 0.2).select([0]) == [0])
        #expect(Contiguous(ratio: 1).select([0.1, 0.2, 0.3]) == [0, 1, 2])
    }

    @Test func refusesScoresThatAreNotFinite() async {
        await #expect(processExitsWith: .failure) {
            _ = Contiguous(ratio: 0.5).select([0.1, .infinity])
        }
    }
}
