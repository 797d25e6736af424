import Metrics

/// Everything that ERASER's `metrics.py` says of a result file.
///
/// Its definitions are followed where figures depend on them:
///
/// - A document is a pair of annotation and `docid`. The documents of an annotation are those in
///   which a human or the model marked something; each counts once in an average, however many an
///   annotation has.
/// - Evidence groups are flattened; a span that several groups name counts once.
/// - Scores of tokens are measured on the documents that results name; where such a document has no
///   evidence though its annotation has some elsewhere, nothing in it is true.
/// - Faithfulness is averaged over results; accuracy and the like over annotations.
///
/// It differs in two things. Annotations without any evidence say nothing about rationales and are
/// left out of agreement, where `metrics.py` would count all that was predicted for them as wrong.
/// And agreement is measured when any result has a span, where `metrics.py` looks only at the first
/// document of the first result and leaves everything out when that one has none.
///
/// Source: DeYoung et al., ACL 2020; `rationale_benchmark/metrics.py` in `jayded/eraserbenchmark`.
public struct EraserScores: Sendable, Hashable {
    /// How many annotations were scored.
    public let annotations: Int

    /// How many of them have no evidence; they count in classification and faithfulness only.
    public let withoutEvidence: Int

    /// Agreement of spans that overlap enough, at a threshold of 0.5; nil without spans.
    public let overlap: IntersectionOverUnion?

    /// Agreement of whole spans; nil without spans.
    public let spans: InstanceAgreement?

    /// Agreement of tokens; nil without spans.
    public let tokens: InstanceAgreement?

    /// How well the tokens' scores rank; nil without them.
    public let tokenRanking: RankingAgreement?

    /// How well the sentences' scores rank; nil without them.
    public let sentenceRanking: RankingAgreement?

    /// Classification and faithfulness; nil without classifications.
    public let classification: EraserClassificationScores?

    /// Scores results that `EraserSplit.verify` found nothing wrong with.
    init(split: EraserSplit, results: [EraserResult]) {
        let evident = split.annotations.filter { !$0.evidences.isEmpty }
        let byID = Dictionary(
            results.map { ($0.annotationID, $0) }, uniquingKeysWith: { first, _ in first })
        annotations = split.count
        withoutEvidence = split.withoutEvidence

        let pairs = evident.flatMap { Self.pairs($0, byID[$0.id]) }
        let hasSpans = pairs.contains { !$0.predicted.isEmpty }
        overlap = hasSpans ? IntersectionOverUnion(pairs) : nil
        spans = hasSpans ? .ofSpans(pairs) : nil
        tokens = hasSpans ? .ofTokens(pairs) : nil

        let tokenScores = evident.flatMap { annotation in
            (byID[annotation.id]?.rationales ?? []).compactMap { rationale in
                Self.scored(rationale.soft, annotation.tokens(in: rationale.docid))
            }
        }
        tokenRanking = tokenScores.isEmpty ? nil : RankingAgreement(tokenScores)
        let sentenceScores = evident.flatMap { annotation in
            (byID[annotation.id]?.rationales ?? []).compactMap { rationale in
                Self.scored(rationale.softSentences, annotation.sentences(in: rationale.docid))
            }
        }
        sentenceRanking = sentenceScores.isEmpty ? nil : RankingAgreement(sentenceScores)
        classification = EraserClassificationScores(split: split, results: byID)
    }

    /// Human and predicted spans in each document in which there are any.
    private static func pairs(
        _ annotation: EraserAnnotation, _ result: EraserResult?
    ) -> [RationalePair] {
        var predicted: [String: [Range<Int>]] = [:]
        for rationale in result?.rationales ?? [] {
            predicted[rationale.docid] = (rationale.hard ?? []).map { $0.startToken..<$0.endToken }
        }
        let docids = Set(annotation.evidences.map(\.docid)).union(predicted.keys).sorted()
        return docids.map { docid in
            RationalePair(gold: annotation.tokens(in: docid), predicted: predicted[docid] ?? [])
        }
    }

    private static func scored(_ scores: [Double]?, _ marked: [Range<Int>]) -> ScoredDocument? {
        guard let scores else { return nil }
        var truth = [Bool](repeating: false, count: scores.count)
        for index in marked.joined() { truth[index] = true }
        return ScoredDocument(truth: truth, scores: scores)
    }
}
