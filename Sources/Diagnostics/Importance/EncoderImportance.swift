import Encoders
import Metrics
import Tensors
import Tokenization

/// What the words of a text are worth to a transformer, by its attention and by what its output depends
/// on: the measures of Jain & Wallace 2019 (section 4.1) for an encoder whose [CLS] state is classified.
///
/// A word is scored by all of its pieces; words without a piece are left out.
package struct EncoderImportance: Sendable, Equatable {
    /// The probability of each class.
    package let probabilities: [Double]
    /// How much [CLS] attends to each word in the last layer: the mean over heads, the sum over the word's
    /// pieces.
    package let attention: [Double]
    /// |Σ e · ∂p / ∂e| of each word, p the probability of the predicted class, over the embeddings of its
    /// pieces. Gradients flow through all attention: it cannot be held constant without the rest.
    package let gradient: [Double]
    /// The total variation distance between the outputs for the text and for the text without the word's
    /// pieces.
    package let leaveOneOut: [Double]

    /// The measures of each document. All shortened versions are in memory at the same time: give a few
    /// documents at a time.
    ///
    /// - Precondition: documents are not longer than the encoder reads.
    /// - Complexity: a pass over each document for each of its words.
    package static func measure(
        _ model: SequenceClassifier, _ documents: [TokenizedDocument], workers: Workers
    ) -> [EncoderImportance] {
        let last = model.configuration.layers - 1
        let heads = model.configuration.heads
        let traced = model.trace(
            documents, [.clsAttention(layer: last), .wordEmbeddings, .wordEmbeddingGradients],
            Differentiation(of: .probability), workers: workers
        ) { number, trace in
            Traced(trace, documents[number], heads: heads, layer: last)
        }
        let shortened = documents.map { document in
            document.wordsWithPieces.map { document.without(word: $0) }
        }
        var logits = model.logits(shortened.flatMap { $0 }, workers: workers)[...]
        return zip(traced, shortened).map { own, versions in
            let p = CrossEntropy.probabilities(own.logits)
            defer { logits = logits.dropFirst(versions.count) }
            return EncoderImportance(
                probabilities: p, attention: own.attention, gradient: own.gradient,
                leaveOneOut: logits.prefix(versions.count).map {
                    Divergence.totalVariation(p, CrossEntropy.probabilities($0))
                })
        }
    }

    /// What one pass says of a text's words.
    private struct Traced: Sendable {
        let logits: [Float]
        let attention, gradient: [Double]

        init(_ trace: Trace, _ document: TokenizedDocument, heads: Int, layer: Int) {
            logits = trace.logits
            guard let weights = trace[.clsAttention(layer: layer)],
                let embeddings = trace[.wordEmbeddings],
                let gradients = trace[.wordEmbeddingGradients]
            else { preconditionFailure("a trace has what was asked for") }
            let width = embeddings.count / trace.tokens
            let tokens = document.tokensByWord
            attention = tokens.map { tokens in
                tokens.reduce(0) { sum, token in
                    (0..<heads).reduce(sum) {
                        $0 + Double(weights[$1 * trace.tokens + token]) / Double(heads)
                    }
                }
            }
            gradient = tokens.map { tokens in
                abs(
                    tokens.reduce(0) { sum, token in
                        (token * width..<(token + 1) * width).reduce(sum) {
                            $0 + Double(embeddings[$1]) * Double(gradients[$1])
                        }
                    })
            }
        }
    }
}

extension TokenizedDocument {
    /// The words that have a piece, in order: those that `EncoderImportance` measures.
    package var wordsWithPieces: [Int32] {
        wordIndices.reduce(into: []) { words, word in
            if word >= 0, words.last != word { words.append(word) }
        }
    }

    /// The tokens of each word that has a piece.
    fileprivate var tokensByWord: [[Int]] {
        wordsWithPieces.map { word in wordIndices.indices.filter { wordIndices[$0] == word } }
    }

    /// The text without a word's pieces.
    fileprivate func without(word: Int32) -> TokenizedDocument {
        let kept = wordIndices.indices.filter { wordIndices[$0] != word }
        return TokenizedDocument(
            ids: kept.map { ids[$0] }, segmentIDs: kept.map { segmentIDs[$0] },
            offsets: kept.map { offsets[$0] }, wordIndices: kept.map { wordIndices[$0] },
            words: words, wholeWords: wholeWords)
    }
}
