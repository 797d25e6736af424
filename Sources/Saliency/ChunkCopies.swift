import Tensors
import Tokenization

/// One of the altered copies that a scorer makes of a chunk.
struct ChunkCopy {
    /// Which of the scorer's inputs.
    let chunk: Int
    /// Which of its copies, from 0.
    let number: Int
}

extension ScoringContext {
    /// Scores chunks by altered copies of them. Copies are made and run in stretches, and a chunk
    /// is finished once all of its copies have run, so that memory is bounded whatever their
    /// number.
    ///
    /// - Parameters:
    ///   - lengths: each chunk's tokens.
    ///   - copies: how many copies each has.
    ///   - run: what each copy gives, which must not depend on the copies beside it.
    ///   - finish: the chunk's score, from what its copies gave, in order.
    func scores<Part: Sendable>(
        lengths: [Int], copies: [Int], run: ([ChunkCopy]) -> [Part],
        finish: @Sendable (Int, [Part]) -> ChunkSaliency
    ) -> [ChunkSaliency] {
        var scores: [ChunkSaliency] = []
        var parts: [[Part]] = [[]]
        var stretch: [ChunkCopy] = []
        var tokens = 0
        func runStretch() {
            for (copy, part) in zip(stretch, run(stretch)) {
                while scores.count + parts.count <= copy.chunk { parts.append([]) }
                parts[copy.chunk - scores.count].append(part)
            }
            stretch.removeAll(keepingCapacity: true)
            tokens = 0
            let (first, given) = (scores.count, parts)
            let done = given.indices.prefix {
                first + $0 < copies.count && given[$0].count == copies[first + $0]
            }
            scores += workers.map(done.count) { index, _ in finish(first + index, given[index]) }
            parts.removeFirst(done.count)
        }
        for chunk in lengths.indices {
            for number in 0..<copies[chunk] {
                stretch.append(ChunkCopy(chunk: chunk, number: number))
                tokens += lengths[chunk]
                if tokens >= Self.stretchTokens { runStretch() }
            }
            while scores.count + parts.count <= chunk { parts.append([]) }
        }
        runStretch()
        return scores
    }

    /// Tokens that a stretch of copies has at least, before it is run: enough to keep workers busy.
    private static var stretchTokens: Int { 1 << 14 }
}

extension SaliencyInput {
    /// The document's class, as far as the model is right about it: that with the largest mean logit.
    ///
    /// - Parameter logits: the chunk's [classes].
    func predictedClass(_ logits: [Float]) -> Int { others.predictedClass(logits) }

    /// The document's probability of a class, if the chunk has these logits [classes] and the others
    /// are as they are.
    func probability(of label: Int, _ logits: [Float]) -> Double {
        CrossEntropy.probabilities(others.documentLogits(logits))[label]
    }
}

/// How a word is left out.
package enum WordRemoval: String, Sendable, CaseIterable {
    /// Each of its pieces is replaced by the mask token; the others keep their positions.
    case mask
    /// Its pieces are cut out, and what follows moves up.
    case delete
}

extension TokenizedDocument {
    /// What the model reads without some of the `wholeWords`; all else, the classified first token
    /// above all, stays.
    ///
    /// - Parameter isLeftOut: asked with a whole word's number within the chunk, from 0.
    func without(
        _ removal: WordRemoval, maskTokenID: Int32, _ isLeftOut: (Int) -> Bool
    ) -> TokenizedDocument {
        var (ids, segments, indices): ([Int32], [Int32], [Int32]) = ([], [], [])
        for piece in self.ids.indices {
            let word = Int(wordIndices[piece])
            let leavesOut =
                piece > 0 && wholeWords.contains(word) && isLeftOut(word - wholeWords.lowerBound)
            if leavesOut && removal == .delete { continue }
            ids.append(leavesOut ? maskTokenID : self.ids[piece])
            segments.append(segmentIDs[piece])
            // Attention over words is over what is a word's, also where it is masked.
            indices.append(wordIndices[piece])
        }
        return TokenizedDocument(
            ids: ids, segmentIDs: segments, offsets: ids.map { _ in 0..<0 },
            wordIndices: indices, words: words, readWords: 0)
    }
}
