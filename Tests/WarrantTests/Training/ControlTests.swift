import Testing
import Warrant

@Suite struct ControlTests {
    private static let selections = Splits(
        train: [[1, 4, 5], [0]], dev: [[2, 3]], test: [[0, 1, 2, 3]])
    private static let words = Splits(train: [8, 1], dev: [9], test: [4])

    private func control(
        _ control: Control, asSpans: Bool = false, seed: UInt64 = 1
    ) -> Splits<[[Int]]> {
        control.selections(
            like: Self.selections, words: Self.words, asSpans: asSpans, seed: seed)
    }

    @Test func firstAndRemainingAreWhatTheySay() {
        let first = control(.first)
        #expect(first.train == [[0, 1, 2], [0]] && first.dev == [[0, 1]])
        #expect(first.test == [[0, 1, 2, 3]])
        let remaining = control(.remaining)
        #expect(remaining.train == [[0, 2, 3, 6, 7], []])
        #expect(remaining.dev == [[0, 1, 4, 5, 6, 7, 8]] && remaining.test == [[]])
    }

    @Test(arguments: [false, true])
    func randomSelectionsAreAsLongAndDifferWithTheSeed(_ asSpans: Bool) {
        var starts = Set<Int>()
        for seed in 0..<40 {
            let random = control(.random, asSpans: asSpans, seed: UInt64(seed))
            for (set, own) in [
                (random.train, Self.selections.train), (random.dev, Self.selections.dev),
                (random.test, Self.selections.test),
            ] {
                #expect(set.map(\.count) == own.map(\.count))
                #expect(set.allSatisfy { $0 == Array(Set($0)).sorted() })
            }
            #expect(random.train[0].allSatisfy { (0..<8).contains($0) })
            if asSpans { #expect(random.train[0][2] - random.train[0][0] == 2) }
            starts.insert(random.train[0][0])
        }
        // Of six places each is drawn now and then.
        #expect(starts.count > 3)
    }
}
