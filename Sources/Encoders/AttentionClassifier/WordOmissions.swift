import Tensors
import Tokenization

extension AttentionClassifier {
    /// A document's logits, and those without each of its words.
    package struct WordOmissions: Sendable {
        /// Of the document as it is [outputs].
        package let whole: [Float]
        /// By word, of the document without it: the word is gone, and those behind it move up. Empty
        /// where there are fewer than two words.
        package let without: [[Float]]
    }

    /// Tokens of shorter documents that are read at the same time, unless a single one is longer.
    private static let omissionTokens = 8_192

    /// What each document's logits become without each of its words (leave-one-out), the questions
    /// staying as they are.
    ///
    /// What shorter documents share with the whole one is computed once (`WordEncoder.omissions`); on
    /// CPUs with AVX-512 the logits have the bits of those of a document that is read without the word.
    ///
    /// - Parameter questions: as many as documents, for a model of pairs.
    /// - Precondition: ids are below the vocabulary's size.
    /// - Complexity: O(words² · D²) for each document.
    package func omissions(
        _ documents: [TokenizedDocument], questions: [TokenizedDocument]? = nil, workers: Workers
    ) -> [WordOmissions] {
        precondition(
            questions.map { $0.count == documents.count } ?? true, "a question for each document")
        // The tokens of all that is read.
        let lengths = documents.map { $0.ids.count * ($0.wordIndices.count { $0 >= 0 } + 1) }
        return workers.mapDocuments(lengths: lengths, shardTokens: 2 * Self.omissionTokens) {
            range, worker in
            worker.arena.rewind()
            let batch = PackedBatch(documents[range])
            let tape = Tape(worker: worker, parameters: parameters, packsWeights: true)
            let x = encoder.embedding(batch, on: tape, probes: .none)
            let question = questions.flatMap {
                questionEncoder?(
                    PackedBatch($0[range]), on: tape, rows: .cls, probes: .none
                ).states
            }
            let states = encoder.omissions(x, batch, on: tape)
            let whole = head(states.whole, question: question, batch, on: tape).logits.rowValues
            var without = [[[Float]]](repeating: [], count: batch.count)
            for rows in Self.omissionGroups(batch) {
                tape.releasingMemory {
                    let shorter = ShorterDocuments(batch, leavingOut: rows)
                    let logits = head(
                        states.shorter(shorter),
                        question: question.map { tape.select(rows: shorter.documents, of: $0) },
                        shorter.batch, on: tape
                    ).logits.rowValues
                    for (document, row) in zip(shorter.documents, logits) {
                        without[document].append(row)
                    }
                }
            }
            return zip(whole, without).map { WordOmissions(whole: $0, without: $1) }
        }
    }

    /// The rows of words of documents with at least two, in groups that are read at the same time.
    private static func omissionGroups(_ batch: PackedBatch) -> [[Int]] {
        var groups: [[Int]] = []
        var tokens = Int.max
        for document in 0..<batch.count {
            let range = batch.range(document)
            let words = range.filter { batch.isWord[$0] }
            for row in words where words.count > 1 {
                tokens = tokens >= omissionTokens ? 0 : tokens
                if tokens == 0 { groups.append([]) }
                groups[groups.count - 1].append(row)
                tokens += range.count - 1
            }
        }
        return groups
    }
}
