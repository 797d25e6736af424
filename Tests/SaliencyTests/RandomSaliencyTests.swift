import Saliency
import Testing
import Tokenization

@Suite struct RandomSaliencyTests {
    @Test func theSeedDecides() throws {
        let chunk = TinyModel.chunk(words: 8)
        func words(_ name: String, seed: UInt64 = 0) throws -> [Float] {
            try TinyModel.score(SaliencyScorers.named(name, seed: seed), chunk).words
        }
        #expect(try words("random", seed: 3) == words("random:3"))
        #expect(try words("random:3", seed: 9) == words("random:3"))
        #expect(try words("random:3") != words("random:4"))
        #expect(try Set(words("random")).count == 8)
    }

    @Test func scoresAreSpreadEvenly() throws {
        let words = try (0..<40).flatMap {
            try TinyModel.score(RandomSaliency(seed: UInt64($0)), TinyModel.chunk(words: 20)).words
        }
        #expect(words.allSatisfy { $0 >= 0 && $0 < 1 })
        // Of 800 draws; five standard deviations of the mean are 0.051.
        #expect(abs(words.reduce(0, +) / 800 - 0.5) < 0.051)
        #expect(words.contains { $0 < 0.02 } && words.contains { $0 > 0.98 })
    }

    @Test func theSameWordHasAnotherScoreInAnotherDocument() throws {
        let chunk = TinyModel.chunk(words: 9)
        let moved = TokenizedDocument(
            ids: chunk.ids, segmentIDs: chunk.segmentIDs, offsets: chunk.offsets,
            wordIndices: chunk.wordIndices,
            words: chunk.words.map { ($0.lowerBound + 1)..<($0.upperBound + 1) },
            wholeWords: chunk.wholeWords)
        let scorer = RandomSaliency(seed: 1)
        #expect(
            Set(try TinyModel.score(scorer, chunk).words)
                .isDisjoint(with: try TinyModel.score(scorer, moved).words))
    }

    @Test func aWordHasItsScoreInEveryChunk() throws {
        let document = TinyModel.chunk(words: 9)
        let pieces = document.wordIndices.indices.filter {
            let word = document.wordIndices[$0]
            return word == -1 || (4..<9).contains(word)
        }
        let chunk = TokenizedDocument(
            ids: pieces.map { document.ids[$0] }, segmentIDs: pieces.map { _ in 0 },
            offsets: pieces.map { document.offsets[$0] },
            wordIndices: pieces.map { document.wordIndices[$0] }, words: document.words,
            wholeWords: 4..<9)
        let scorer = RandomSaliency(seed: 1)
        #expect(
            try TinyModel.score(scorer, chunk).words
                == Array(try TinyModel.score(scorer, document).words[4...]))
    }
}
