import Encoders
import Metrics
import Tensors
import Tokenization

/// How much the output depends on each word by what it becomes without it: the total variation distance
/// between the outputs for the text and for the text without the word, which is read as a shorter one; of
/// one logit it is |p - p'| (Jain & Wallace 2019, section 4.1, algorithm 1).
///
/// The authors' code ranks pairs by twice that, and texts of several logits by the mean over them: no
/// ranking differs.
package enum LeaveOneOutImportance {
    /// Each document's words' importance; nil for a document with fewer than two words.
    ///
    /// - Parameter questions: as many as documents, for a model of pairs; they stay as they are.
    package static func scores(
        _ model: AttentionClassifier, _ documents: [TokenizedDocument],
        questions: [TokenizedDocument]? = nil, workers: Workers
    ) -> [[Double]?] {
        model.omissions(documents, questions: questions, workers: workers).map { omissions in
            guard !omissions.without.isEmpty else { return nil }
            let whole = AttentionClassifier.probabilities(omissions.whole)
            return omissions.without.map {
                Divergence.totalVariation(whole, AttentionClassifier.probabilities($0))
            }
        }
    }
}
