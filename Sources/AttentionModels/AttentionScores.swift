import Encoders
import Metrics
import Tensors
import Training

/// What a classifier predicts of texts, and how good it is.
package struct AttentionScores: Sendable, Equatable, Codable {
    /// How many texts there are.
    package let count: Int
    /// The share of texts whose class is predicted.
    package let accuracy: Double
    /// The mean F1 of the classes.
    package let macroF1: Double
    /// The F1 of class 1.
    package let positiveF1: Double
    /// The area under the ROC curve, of two classes; nil where only one occurs, or there are more.
    package let rocAUC: Double?

    enum CodingKeys: String, CodingKey {
        case count = "n"
        case accuracy
        case macroF1 = "macro_f1"
        case positiveF1 = "f1_positive"
        case rocAUC = "roc_auc"
    }

    /// Scores of predictions.
    ///
    /// - Parameters:
    ///   - labels: each text's class.
    ///   - probabilities: [texts][classes].
    package init(labels: [Int], probabilities: [[Double]]) {
        let classes = probabilities.first?.count ?? 2
        let metrics = ClassificationMetrics(
            gold: labels, predicted: probabilities.map(\.indexOfLargest), classCount: classes)
        count = metrics.count
        accuracy = metrics.accuracy
        macroF1 = metrics.macroF1
        positiveF1 = metrics.classes.count > 1 ? metrics.classes[1].f1 : 0
        rocAUC =
            classes == 2
            ? ReceiverOperatingCharacteristic(
                truth: labels.map { $0 == 1 }, scores: probabilities.map { $0[1] }
            ).area : nil
    }
}

extension AttentionClassifier {
    /// What one pass gives of a text: the probability of each class, and the weight of each word.
    package typealias Prediction = (probabilities: [Double], attention: [Float])

    /// Each text's class probabilities and attention.
    ///
    /// - Parameter attention: what the attention is.
    /// - Throws: `WarrantError` where a logit is not a number.
    package func predictions(
        _ texts: WordTexts, attention: GivenAttention = .own, workers: Workers
    ) throws -> [Prediction] {
        var probe: (@Sendable (Range<Int>) -> any Probe)?
        if attention.probe([]) != nil {
            probe = { range in
                guard let probe = attention.probe(range) else {
                    preconditionFailure("given attention has a probe")
                }
                return probe
            }
        }
        let found = trace(
            texts.documents, questions: texts.questions, [.wordAttention], probe: probe,
            workers: workers
        ) { (logits: $1.logits, attention: $1.wordWeights(of: texts.documents[$0])) }
        guard found.allSatisfy({ $0.logits.allSatisfy(\.isFinite) }) else { throw notFinite() }
        return found.map { (Self.probabilities($0.logits), $0.attention) }
    }

    /// Each text's class probabilities [texts][classes].
    ///
    /// - Parameter attention: what the attention is.
    /// - Throws: `WarrantError` where a logit is not a number.
    package func probabilities(
        _ texts: WordTexts, attention: GivenAttention = .own, workers: Workers
    ) throws -> [[Double]] {
        try predictions(texts, attention: attention, workers: workers).map(\.probabilities)
    }

    /// Each text's attention, a weight for each of its words.
    package func attention(_ texts: WordTexts, workers: Workers) -> [[Float]] {
        trace(
            texts.documents, questions: texts.questions, [.wordAttention], workers: workers
        ) { $1.wordWeights(of: texts.documents[$0]) }
    }
}
