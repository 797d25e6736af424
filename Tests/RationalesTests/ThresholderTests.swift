import Randomness
import Rationales
import Testing

/// What holds of every thresholder.
@Suite struct ThresholderTests {
    @Test(arguments: ThresholderName.allCases)
    func aSelectionAscendsAndHoldsAtLeastAWord(_ name: ThresholderName) throws {
        let thresholder = try anyThresholder(name)
        var generator = SeededGenerator(seed: 20)
        for _ in 0..<500 {
            let document = RandomDocument(words: 1...40, &generator)
            let selection = thresholder.select(document.scores, sentences: document.sentences)
            #expect(!selection.isEmpty)
            #expect(zip(selection, selection.dropFirst()).allSatisfy { $0 < $1 })
            #expect(selection.allSatisfy(document.scores.indices.contains))
        }
    }

    @Test(arguments: ThresholderName.allCases)
    func nothingIsSelectedFromNoWordsAndTheWordFromOne(_ name: ThresholderName) throws {
        let thresholder = try anyThresholder(name)
        #expect(thresholder.select([], sentences: []) == [])
        #expect(thresholder.select([]) == [])
        for score: Float in [0, -1, 1, 0x1p-149, .greatestFiniteMagnitude] {
            #expect(thresholder.select([score], sentences: [0..<1]) == [0])
            #expect(thresholder.select([score]) == [0])
        }
    }

    @Test(arguments: ThresholderName.allCases)
    func amongEqualScoresTheFirstWordsAreKept(_ name: ThresholderName) throws {
        let thresholder = try anyThresholder(name)
        for count in 1...40 {
            for score in [0, 1 / Float(count)] {
                let selection = thresholder.select([Float](repeating: score, count: count))
                #expect(selection == Array(0..<selection.count))
            }
        }
    }

    @Test(arguments: ThresholderName.allCases)
    func withoutSentencesTheDocumentIsOne(_ name: ThresholderName) throws {
        let thresholder = try anyThresholder(name)
        var generator = SeededGenerator(seed: 21)
        for _ in 0..<100 {
            let scores = RandomDocument(words: 1...40, &generator).scores
            #expect(
                thresholder.select(scores)
                    == thresholder.select(scores, sentences: [0..<scores.count]))
        }
    }

    @Test(arguments: ThresholderName.allCases)
    func scoresThatAreNotFiniteAreRefused(_ name: ThresholderName) async {
        // A closure that runs in another process may not capture the name.
        switch name {
        case .topP:
            await #expect(processExitsWith: .failure) { _ = TopP(mass: 1).select([1, .nan]) }
        case .sentences:
            await #expect(processExitsWith: .failure) {
                _ = Sentences(ratio: 1).select([1, .infinity])
            }
        case .threshold:
            await #expect(processExitsWith: .failure) { _ = Threshold(cutOff: 0).select([.nan]) }
        case .globalTopK:
            await #expect(processExitsWith: .failure) {
                _ = GlobalTopK(cutOff: 0, minimum: 1).select([.nan])
            }
        case .globalContiguous:
            await #expect(processExitsWith: .failure) {
                _ = GlobalContiguous(cutOff: 0, minimum: 1).select([.infinity])
            }
        case .topK:
            await #expect(processExitsWith: .failure) { _ = TopK(words: 1).select([.nan]) }
        case .contiguous:
            await #expect(processExitsWith: .failure) { _ = Contiguous(words: 1).select([.nan]) }
        default: Issue.record("no case for \(name.rawValue)")
        }
    }
}
