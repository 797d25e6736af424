import AttentionModels
import Encoders
import Errors
import JSON
import Metrics
import Tensors
import Training

/// How far another model's attention and predictions are from a base model's, text by text.
struct ModelComparison: Codable, Sendable {
    /// The epoch at whose end the other model is.
    var epoch: Int
    /// What the other model predicts.
    var scores: AttentionScores
    /// The Jensen-Shannon divergence of the two attentions, of each text; at most ln 2.
    var divergences: [Double]
    /// The total variation distance of the two outputs, of each text; |p - p'| of two classes.
    var differences: [Double]

    /// A model beside the base.
    init(_ other: TrainedAttentionModel, to base: AttendedSet, workers: Workers) throws {
        let own = try AttendedSet(other.model, base.texts, workers: workers)
        epoch = other.epoch
        scores = AttentionScores(labels: base.texts.labels, probabilities: own.probabilities)
        divergences = zip(base.attention, own.attention).map { base, own in
            Divergence.jensenShannon(base.map { Double($0) }, own.map { Double($0) })
        }
        differences = zip(base.probabilities, own.probabilities).map {
            Divergence.totalVariation($0, $1)
        }
    }

    /// Whether it can be of so many texts, and figures lie where they can.
    func isSound(texts: Int) -> Bool {
        isEpoch(epoch) && scores.isSound(texts: texts)
            && divergences.count == texts && differences.count == texts
            && divergences.allSatisfy(isDivergence) && differences.allSatisfy(isShare)
    }

    /// What summaries say of it.
    var members: [(key: String, value: JSONText)] {
        let (jsd, tvd) = (NumberSummary(divergences), NumberSummary(differences))
        return [
            ("test", scores.json), ("epoch", .integer(epoch)), ("mean_jsd", JSONText(jsd.mean)),
            ("median_jsd", JSONText(jsd.median)), ("mean_tvd_two_class", JSONText(tvd.mean)),
        ]
    }

    /// The cells of a table: F1, accuracy, JSD, TVD.
    var cells: [String] {
        let (jsd, tvd) = (NumberSummary(divergences), NumberSummary(differences))
        return [
            ReportFigures.short(scores.positiveF1), ReportFigures.short(scores.accuracy),
            ReportFigures.short(jsd.mean), ReportFigures.short(jsd.median),
            ReportFigures.short(tvd.mean),
        ]
    }

    /// What the cells are.
    static func header(_ context: ReportContext) -> [String] {
        ["F1 of \(context.positive)", "accuracy", "mean JSD", "median JSD", "mean TVD"]
    }
}

/// What a model gives for the texts of a set.
struct AttendedSet {
    let texts: WordTexts
    let probabilities: [[Double]]
    let attention: [[Float]]

    /// - Parameter attention: what the model's attention is.
    init(
        _ model: AttentionClassifier, _ texts: WordTexts, attention: GivenAttention = .own,
        workers: Workers
    ) throws {
        self.texts = texts
        let found = try model.predictions(texts, attention: attention, workers: workers)
        probabilities = found.map(\.probabilities)
        self.attention = found.map(\.attention)
    }

    /// The texts with the model's predictions.
    var measured: [MeasuredText] {
        texts.documents.indices.map {
            MeasuredText(
                label: texts.labels[$0], probabilities: probabilities[$0],
                attention: attention[$0])
        }
    }
}

/// A run's model and, beside it, the same model with other seeds: how far chance alone moves attention.
struct SeedComparisons {
    /// The seeds of Wiegreffe & Pinter (`seeds.txt` of `sarahwie/attention`).
    static let published: [UInt64] = [50, 257, 500_231, 100_078, 12_504, 90_754_789, 8_988_812, 2]

    /// Checks that no seed is the base's: a model beside itself would show no chance at all.
    ///
    /// - Throws: `WarrantError` naming the seed.
    static func check(_ seeds: [UInt64], of words: WordSubject) throws {
        let own = words.run.options.seed
        guard seeds.contains(own) else { return }
        throw WarrantError(
            .wrongUsage,
            "seed \(own) is that of the model that others are compared with: give other seeds, or "
                + "another --seed")
    }

    /// The models of other seeds, beside the base.
    ///
    /// - Precondition: no seed is the base's.
    static func make(
        _ seeds: [UInt64], of words: WordSubject, beside base: AttendedSet,
        in graph: StageGraph
    ) throws -> [ModelComparison] {
        try seeds.map { seed in
            precondition(seed != words.run.options.seed, "another seed than the base's")
            return try ModelComparison(
                graph.output(of: words.run.with { $0.seed = seed }.model), to: base,
                workers: words.workers)
        }
    }
}
