import Randomness
import Rationales
import Testing

@Suite struct ThresholdTests {
    @Test func keepsTheWordsThatReachTheCutOff() {
        #expect(Threshold(cutOff: 0.2).select([0.1, 0.3, 0.2, 0.3, 0.1]) == [1, 2, 3])
        #expect(Threshold(cutOff: 0).select([0, 1, 0]) == [0, 1, 2])
    }

    @Test func keepsTheEarliestBestWordWhereNoneReachesIt() {
        #expect(Threshold(cutOff: 0.5).select([0.1, 0.3, 0.2, 0.3, 0.1]) == [1])
        #expect(Threshold(cutOff: 0.5).select([-2, -1, -1]) == [1])
    }

    @Test func theSameScoreIsKeptInEveryDocument() {
        var generator = SeededGenerator(seed: 24)
        for _ in 0..<300 {
            let scores = RandomDocument(words: 1...40, &generator).scores
            let cutOff = Float(Int.random(in: 0...20, using: &generator)) / 64
            let selection = Threshold(cutOff: cutOff).select(scores)
            let reaching = scores.indices.filter { scores[$0] >= cutOff }
            if reaching.isEmpty {
                #expect(selection == TopK(words: 1).select(scores))
            } else {
                #expect(selection == reaching)
            }
        }
    }

    @Test func refusesACutOffThatIsNotFinite() async {
        await #expect(processExitsWith: .failure) { _ = Threshold(cutOff: .nan) }
    }
}
