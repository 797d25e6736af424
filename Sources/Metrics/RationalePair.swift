/// What a human and a model marked in one document, as ranges of tokens.
///
/// The order of ranges carries no meaning, and one that is named twice counts once. Human ranges
/// may overlap: ERASER's evidence groups are alternatives, and all of them count.
package struct RationalePair: Sendable, Hashable {
    /// The human's ranges.
    package var gold: [Range<Int>]

    /// The model's ranges.
    package var predicted: [Range<Int>]

    /// Sets the two side by side.
    package init(gold: [Range<Int>], predicted: [Range<Int>]) {
        self.gold = gold
        self.predicted = predicted
    }
}

/// Agreement averaged over documents in two ways, as ERASER's `metrics.py` reports it.
///
/// Source: DeYoung et al., *ERASER: A Benchmark to Evaluate Rationalized NLP Models*, ACL 2020,
/// section 4.1.
public struct InstanceAgreement: Sendable, Hashable {
    /// One document's counts.
    public struct Counts: Sendable, Hashable {
        /// What both marked.
        public let shared: Int

        /// What the model marked.
        public let predicted: Int

        /// What the human marked.
        public let gold: Int
    }

    /// The means of the documents' precisions, of their recalls, and of their F1s: this F1 is not
    /// the harmonic mean of the two beside it.
    public let macro: PrecisionRecall

    /// The ratios of the counts' sums over all documents.
    public let micro: PrecisionRecall

    /// Averages counts.
    ///
    /// - Parameter documents: one entry a document; those in which nobody marked anything are left
    ///   out, as in `metrics.py`. Where none is left, every figure is 0.
    package init(_ documents: [Counts]) {
        let counted = documents.filter { $0.predicted > 0 || $0.gold > 0 }
        micro = PrecisionRecall(
            hits: counted.reduce(0) { $0 + $1.shared },
            predicted: counted.reduce(0) { $0 + $1.predicted },
            gold: counted.reduce(0) { $0 + $1.gold })
        let scores = counted.map {
            PrecisionRecall(hits: $0.shared, predicted: $0.predicted, gold: $0.gold)
        }
        macro = PrecisionRecall(
            precision: meanOrNil(scores.map(\.precision)) ?? 0,
            recall: meanOrNil(scores.map(\.recall)) ?? 0, f1: meanOrNil(scores.map(\.f1)) ?? 0)
    }
}
