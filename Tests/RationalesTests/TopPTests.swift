import Randomness
import Rationales
import Testing

@Suite struct TopPTests {
    @Test func keepsTheFewestWordsThatHoldTheShare() {
        let scores: [Float] = [0.0625, 0.5, 0.125, 0.25, 0.0625]
        #expect(TopP(mass: 0.5).select(scores) == [1])
        #expect(TopP(mass: 0.501).select(scores) == [1, 3])
        #expect(TopP(mass: 0.75).select(scores) == [1, 3])
        #expect(TopP(mass: 0.9).select(scores) == [0, 1, 2, 3])
        #expect(TopP(mass: 1).select(scores) == [0, 1, 2, 3, 4])
    }

    @Test func wordsWithoutSaliencyAreLeftOut() {
        #expect(TopP(mass: 1).select([0, 0.5, 0, 0.5, 0]) == [1, 3])
        #expect(TopP(mass: 1).select([-0.5, 0.5, 0, 0.5]) == [1, 3])
        #expect(TopP(mass: 1).select([0, 0, 0]) == [0])
        #expect(TopP(mass: 1).select([-2, -1, -1]) == [1])
    }

    @Test func everyPercentageIsTheDecimalThatWasMeant() {
        // Of 100 equal scores p percent are p words, although p / 100 is not exact in binary and a
        // hundredth is not exact in Float.
        let scores = [Float](repeating: 0.01, count: 100)
        for percent in 1...100 {
            #expect(TopP(mass: Double(percent) / 100).select(scores).count == percent)
        }
    }

    @Test func agreesWithExhaustiveSearchOverSubsets() {
        var generator = SeededGenerator(seed: 22)
        for _ in 0..<200 {
            let whole = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                Int.random(in: 0...6, using: &generator)
            }
            let percent = Int.random(in: 1...100, using: &generator)
            let sets = (1..<1 << whole.count).filter { set in
                let sum = whole.indices.reduce(0) { $0 + (set >> $1 & 1) * whole[$1] }
                return 100 * sum >= percent * whole.reduce(0, +)
            }
            let fewest = sets.map(\.nonzeroBitCount).min()

            for scale: Float in [1, 0x1p-100, 0x1p+100] {
                let selection = TopP(mass: Double(percent) / 100)
                    .select(whole.map { Float($0) * scale })
                #expect(selection.count == fewest)
                #expect(sets.contains(selection.reduce(0) { $0 | 1 << $1 }))
                // The highest scores, the earlier of equal ones.
                #expect(selection == TopK(words: selection.count).select(whole.map { Float($0) }))
            }
        }
    }

    @Test func theOrderOfTheWordsDoesNotChangeTheirNumber() {
        // Scores that no binary fraction holds: their sums differ by the order of addition.
        var generator = SeededGenerator(seed: 23)
        for _ in 0..<200 {
            let scores = (0..<30).map { _ in Float.random(in: 0...1, using: &generator) }
            let sizes = (0..<4).map { _ in
                TopP(mass: 0.5).select(scores.shuffled(using: &generator)).count
            }
            #expect(Set(sizes).count == 1)
        }
    }

    @Test func refusesAMassOutOfRange() async {
        await #expect(processExitsWith: .failure) { _ = TopP(mass: 0) }
        await #expect(processExitsWith: .failure) { _ = TopP(mass: .nan) }
    }
}
