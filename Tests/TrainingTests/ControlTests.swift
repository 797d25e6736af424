import Testing
import Warrant

@Suite struct ControlTests {
    private static let selections = Splits(
        train: [[1, 4, 5], [0]], dev: [[2, 3]], test: [[0, 1, 2, 3]])
    private static let words = Splits(train: [8, 1], dev: [9], test: [4])

    private func control(_ control: Control, seed: UInt64 = 1) -> Splits<[[Int]]> {
        control.selections(like: Self.selections, words: Self.words, seed: seed)
    }

    @Test func firstAndRemainingAreWhatTheySay() {
        let first = control(.first)
        #expect(first.train == [[0, 1, 2], [0]] && first.dev == [[0, 1]])
        #expect(first.test == [[0, 1, 2, 3]])
        let remaining = control(.remaining)
        #expect(remaining.train == [[0, 2, 3, 6, 7], []])
        #expect(remaining.dev == [[0, 1, 4, 5, 6, 7, 8]] && remaining.test == [[]])
    }

    @Test func randomSelectionsHaveTheSameRunsElsewhere() {
        func runs(_ selection: [Int]) -> [Int] { maximalRuns(of: selection).map(\.count).sorted() }
        var drawn: [[Int]: Int] = [:]
        for seed in 0..<400 {
            let random = control(.random, seed: UInt64(seed))
            for (set, own) in [
                (random.train, Self.selections.train), (random.dev, Self.selections.dev),
                (random.test, Self.selections.test),
            ] {
                #expect(set.map(runs) == own.map(runs))
                #expect(set.allSatisfy { $0 == Array(Set($0)).sorted() })
            }
            #expect(random.train[0].allSatisfy { (0..<8).contains($0) })
            drawn[random.train[0], default: 0] += 1
        }
        // A word and a pair in 8 words, in either order: 2 · (6 over 2) ways, of which each is
        // expected 13 times; five standard deviations are 18.
        #expect(drawn.count == 30)
        #expect(drawn.values.allSatisfy { $0 < 32 })
    }
}
