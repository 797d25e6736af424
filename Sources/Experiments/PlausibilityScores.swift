import JSON
import Metrics

/// What a result keeps of `Plausibility`: averages over the documents in which somebody marked words.
public struct PlausibilityScores: Codable, Sendable, Equatable {
    /// The share of selected words that humans marked, averaged over documents.
    public var tokenPrecision: Double
    /// The share of marked words that are selected, averaged over documents.
    public var tokenRecall: Double
    /// The documents' token F1, averaged.
    public var tokenF1: Double
    /// F1 of spans that overlap with a marked one by at least half of both together.
    public var iouF1: Double
    /// The area under the precision-recall curve of the words' scores, averaged over documents; nil
    /// where words are not selected by scores.
    public var auprc: Double?

    enum CodingKeys: String, CodingKey {
        case auprc
        case tokenPrecision = "token_precision"
        case tokenRecall = "token_recall"
        case tokenF1 = "token_f1"
        case iouF1 = "iou_f1"
    }

    /// The figures of documents that humans marked; nil where there is none.
    ///
    /// - Parameter hasScores: whether the words were selected by their scores.
    init?(_ documents: [MarkedDocument], hasScores: Bool) {
        guard let plausibility = Plausibility(documents) else { return nil }
        tokenPrecision = plausibility.tokens.macro.precision
        tokenRecall = plausibility.tokens.macro.recall
        tokenF1 = plausibility.tokens.macro.f1
        iouF1 = plausibility.overlap.macro.f1
        auprc = hasScores ? plausibility.ranking.precisionRecallArea : nil
    }

    /// The figures by their names in files, in the order of tables.
    var figures: [(name: String, value: Double?)] {
        [
            ("token_precision", tokenPrecision), ("token_recall", tokenRecall),
            ("token_f1", tokenF1), ("iou_f1", iouF1), ("auprc", auprc),
        ]
    }

    /// The figures as a line of results has them.
    var json: JSONText {
        .object(figures.map { (key: $0.name, value: $0.value.map { .double($0) } ?? .null) })
    }
}
