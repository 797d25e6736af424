import JSON
import Rationales

/// One document with what a human marked in it and what a model selected.
package struct MarkedDocument: Sendable {
    /// The human's words, as maximal ranges.
    package var human: [Range<Int>]
    /// The model's words, as maximal ranges.
    package var selected: [Range<Int>]
    /// The model's score for each word.
    package var scores: [Float]

    /// Sets the two side by side.
    ///
    /// - Parameters:
    ///   - human: ascending, disjoint ranges of word indices; those that touch become one.
    ///   - selection: the indices of the selected words, ascending.
    ///   - scores: of the words that were read; those that were not count as 0.
    ///   - words: how many words the document has.
    package init(human: [Range<Int>], selection: [Int], scores: [Float], words: Int) {
        self.human = maximalRuns(of: Array(human.joined()))
        selected = maximalRuns(of: selection)
        self.scores = scores + Array(repeating: 0, count: max(0, words - scores.count))
    }
}

/// How far rationales agree with those of humans (DeYoung et al., ACL 2020, section 4.1).
///
/// A row is one document here, and what humans marked in it are words: evidence that overlaps counts
/// once, and evidence that touches is one span, as selected words that stand together are.
/// `EraserScores` keeps evidence apart by span and document, as `metrics.py` does; its figures for
/// spans differ from these where evidence overlaps or touches or a row has several documents. It also
/// counts evidence of no token, which counts here neither as a span nor as a human rationale.
public struct Plausibility: Sendable {
    /// How many documents have a human rationale, and count.
    public let documents: Int
    /// Precision, recall and F1 of words.
    public let tokens: InstanceAgreement
    /// Precision, recall and F1 of spans that overlap by half.
    public let overlap: IntersectionOverUnion
    /// How well scores rank the human's words above the others.
    public let ranking: RankingAgreement

    /// Compares documents; nil where there is none.
    package init?(_ documents: [MarkedDocument]) {
        guard !documents.isEmpty else { return nil }
        self.documents = documents.count
        let pairs = documents.map { RationalePair(gold: $0.human, predicted: $0.selected) }
        tokens = .ofTokens(pairs)
        overlap = IntersectionOverUnion(pairs)
        ranking = RankingAgreement(
            documents.map { document in
                var truth = [Bool](repeating: false, count: document.scores.count)
                for word in document.human.joined() where word < truth.count { truth[word] = true }
                return ScoredDocument(truth: truth, scores: document.scores.map { Double($0) })
            })
    }

    /// The figures that tables show.
    package var json: JSONText {
        func triple(_ figures: PrecisionRecall) -> JSONText {
            [
                "precision": .double(figures.precision), "recall": .double(figures.recall),
                "f1": .double(figures.f1),
            ]
        }
        func figure(_ value: Double?) -> JSONText { value.map { .double($0) } ?? .null }
        return [
            "documents": .integer(documents), "tokens": triple(tokens.macro),
            "iou": triple(overlap.macro), "auprc": figure(ranking.precisionRecallArea),
            "average_precision": figure(ranking.averagePrecision),
            "roc_auc": figure(ranking.receiverOperatingArea),
        ]
    }
}
