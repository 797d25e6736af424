import Randomness
import Rationales
import Testing

@Suite struct GlobalContiguousTests {
    @Test func aSpanGrowsWhileItsWordsAddMoreThanTheyCost() {
        let scores: [Float] = [0.1, 0.3, 0.2, 0.3, 0.1]
        #expect(GlobalContiguous(cutOff: 1.4, minimum: 1).select(scores) == [1])
        #expect(GlobalContiguous(cutOff: 1.1, minimum: 1).select(scores) == [1, 2, 3])
        #expect(GlobalContiguous(cutOff: 0.4, minimum: 1).select(scores) == [0, 1, 2, 3, 4])
        // Past the minimum the last word still adds 0.1.
        #expect(GlobalContiguous(cutOff: 1.4, minimum: 2).select(scores) == [1, 2, 3])
        #expect(GlobalContiguous(cutOff: 1.6, minimum: 2).select(scores) == [1, 2])
        #expect(GlobalContiguous(cutOff: 1e30, minimum: 4).select(scores) == [0, 1, 2, 3])
    }

    @Test func agreesWithExhaustiveSearchOverSpans() {
        var generator = SeededGenerator(seed: 29)
        for _ in 0..<500 {
            // Multiples of 1/64 and cut-offs of 1/8: every sum is exact in Double.
            let count = Int.random(in: 1...12, using: &generator)
            let whole = (0..<count).map { _ in Int.random(in: -2...9, using: &generator) }
            let cutOff = Double(Int.random(in: -8...24, using: &generator)) / 8
            let minimum = Int.random(in: 1...4, using: &generator)
            var best: (span: Range<Int>, sum: Double)?
            for start in 0..<count {
                for end in start + 1...count where end - start >= min(minimum, count) {
                    let sum = whole[start..<end].reduce(0) {
                        $0 + Double($1 * count) / 64 - cutOff
                    }
                    // Starts ascend, and so do the lengths of each: a tie stays with the first.
                    if best.map({ sum > $0.sum }) ?? true { best = (start..<end, sum) }
                }
            }
            let scores = whole.map { Float($0) / 64 }
            let selection = GlobalContiguous(cutOff: cutOff, minimum: minimum).select(scores)
            #expect(selection == best.map { Array($0.span) })
        }
    }

    @Test func pastTheBestWordTheCutOffNoLongerCounts() {
        var generator = SeededGenerator(seed: 30)
        for _ in 0..<200 {
            let scores = RandomDocument(words: 1...20, &generator).scores
            let minimum = Int.random(in: 1...5, using: &generator)
            let expected = Contiguous(words: minimum).select(scores)
            for cutOff in [20.0, 1e9, Double(Float.greatestFiniteMagnitude), 1e300] {
                let selector = GlobalContiguous(cutOff: cutOff, minimum: minimum)
                #expect(selector.select(scores) == expected)
            }
            let everything = GlobalContiguous(cutOff: -1e300, minimum: minimum)
            #expect(everything.select(scores) == Array(scores.indices))
        }
    }

    @Test func aHigherCutOffNeverSelectsMore() {
        var generator = SeededGenerator(seed: 31)
        for _ in 0..<200 {
            let scores = (0..<30).map { _ in Float.random(in: 0...1, using: &generator) / 15 }
            let minimum = Int.random(in: 1...5, using: &generator)
            let sizes = (0..<100).map { step in
                GlobalContiguous(cutOff: Double(step) / 50, minimum: minimum).select(scores).count
            }
            #expect(zip(sizes, sizes.dropFirst()).allSatisfy { $0 >= $1 })
            #expect(sizes.last.map { $0 >= minimum } == true)
        }
    }

    @Test func theBudgetGoesToDocumentsWhoseSaliencySpreads() {
        let peaked: [Float] = [0.96, 0.01, 0.01, 0.01, 0.01]
        let spread: [Float] = [0.02, 0.24, 0.25, 0.25, 0.24]
        let selector = GlobalContiguous.calibrated(on: [peaked, spread], ratio: 0.5, minimum: 1)
        #expect(selector.select(peaked) == [0])
        #expect(selector.select(spread) == [1, 2, 3, 4])
    }

    @Test func theBudgetIsSpentAsFarAsAnyCutOffCan() {
        var generator = SeededGenerator(seed: 32)
        for _ in 0..<60 {
            let documents = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                RandomDocument(words: 0...7, &generator).scores
            }
            let wordCount = documents.reduce(0) { $0 + $1.count }
            let ratio = Double.random(in: 0.05...1, using: &generator)
            let minimum = Int.random(in: 1...3, using: &generator)
            let budget = selectionSize(ratio: ratio, wordCount: wordCount)
            func total(_ cutOff: Double) -> Int {
                let selector = GlobalContiguous(cutOff: cutOff, minimum: minimum)
                return documents.reduce(0) { $0 + selector.select($1).count }
            }
            // The selection changes only where two spans of a document are worth the same; the
            // totals there and between two such cut-offs are all there are.
            let changes = Set(documents.flatMap(Self.ties)).sorted()
            let between = zip(changes, changes.dropFirst()).map { ($0 + $1) / 2 }
            let totals = (changes + between + [-1, 1e30]).map(total).filter { $0 <= budget }

            let selector = GlobalContiguous.calibrated(
                on: documents, ratio: ratio, minimum: minimum)
            #expect(total(selector.cutOff) == totals.max() ?? total(1e30))
        }
    }

    /// The cut-offs at which two spans of a document are worth the same.
    private static func ties(_ scores: [Float]) -> [Double] {
        var spans: [(sum: Double, length: Int)] = []
        for start in scores.indices {
            for end in start..<scores.count {
                let sum = scores[start...end].reduce(0.0) { $0 + Double($1) }
                spans.append((sum * Double(scores.count), end - start + 1))
            }
        }
        var cutOffs: [Double] = []
        for long in spans {
            for short in spans where short.length < long.length {
                cutOffs.append((long.sum - short.sum) / Double(long.length - short.length))
            }
        }
        return cutOffs
    }

    @Test func aLargeDataSetSpendsItsBudgetToTheWord() {
        // Scores without ties, so that one word more or less is always to be had.
        var generator = SeededGenerator(seed: 33)
        let documents = (0..<300).map { _ -> [Float] in
            let raw = (0..<Int.random(in: 20...80, using: &generator)).map { _ in
                Float.random(in: 0...1, using: &generator)
            }
            let sum = raw.reduce(0, +)
            return raw.map { $0 / sum }
        }
        let budget = selectionSize(ratio: 0.2, wordCount: documents.reduce(0) { $0 + $1.count })
        let spans = GlobalContiguous.calibrated(on: documents, ratio: 0.2, minimum: 3)
        let words = GlobalTopK.calibrated(on: documents, ratio: 0.2, minimum: 3)
        #expect(documents.reduce(0) { $0 + words.select($1).count } == budget)
        // A span may grow by several words at once, at most the longest document's.
        let total = documents.reduce(0) { $0 + spans.select($1).count }
        #expect((budget - 80...budget).contains(total))
    }

    @Test func aBudgetBelowTheMinimumKeepsTheMinimum() {
        let documents: [[Float]] = [[0.5, 0.25, 0.25], [0.25, 0.75]]
        let selector = GlobalContiguous.calibrated(on: documents, ratio: 0.1, minimum: 2)
        #expect(selector.cutOff == Double(Float.greatestFiniteMagnitude))
        #expect(selector.select(documents[0]) == [0, 1])
    }

    @Test func aBudgetOfAllWordsKeepsAll() {
        let selector = GlobalContiguous.calibrated(on: [[0.5, 0, 0.5], [1]], ratio: 1, minimum: 1)
        #expect(selector.select([0.5, 0.25, 0.25, 0]) == [0, 1, 2, 3])
    }
}
