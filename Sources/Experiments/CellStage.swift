import Fresh
import Metrics
import Models
import Training

/// Measures a cell of an experiment's grid.
package struct CellStage: Stage {
    // 2: attention in bf16 is normalised; gradients explain a document and not its chunks.
    // 3: random words, of scorers and controls, are drawn otherwise.
    // 4: words without pieces have no score.
    // 5: as its stages; ties of scores that are all zero are broken where words are selected; controls
    //    are drawn from a stream of their own.
    package static let kind = StageKind("cell", version: 5)
    package static var inputs: [any Stage.Type] {
        [DocumentsStage.self, SupportStage.self, SelectionStage.self, ClassifierScoresStage.self]
    }

    package let key: StageKey
    private let variant: Variant
    private let run: FreshRun

    /// A cell.
    ///
    /// - Parameter run: has the scorer and the thresholder that the cell has.
    package init(_ cell: ExperimentCell, _ run: FreshRun) {
        key = cell.stage
        variant = cell.variant
        self.run = run
    }

    private var classes: Int { run.keys.rows.labels.count }

    package func make(in graph: StageGraph) throws -> ExperimentResult.Outcome {
        guard variant != .support else {
            return .init(
                try graph.output(of: run.support).scores, rationaleShare: 1, plausibility: nil)
        }
        let documents = try graph.output(of: run.documents)
        let selection = try graph.output(of: run.selection)
        let classifier = ClassifierStage(run, variant, selection, of: documents)
        let scores = try graph.output(of: ClassifierScoresStage(of: classifier, classes: classes))
        let isMeasuredOnTest = !documents.data.test.documents.isEmpty
        let set = isMeasuredOnTest ? documents.data.test : documents.data.dev
        let selected = isMeasuredOnTest ? classifier.selections.test : classifier.selections.dev
        let maps = isMeasuredOnTest ? selection.saliency.test : selection.saliency.dev
        let all = set.tokenized.reduce(0) { $0 + $1.words.count }
        return .init(
            scores,
            rationaleShare: Double(selected.reduce(0) { $0 + $1.count }) / Double(max(1, all)),
            plausibility: PlausibilityScores(
                set.documents.indices.compactMap { index in
                    set.documents[index].humanRationale(in: documents.tokenizer.words).map {
                        MarkedDocument(
                            human: $0, selection: selected[index], scores: maps[index].scores,
                            words: set.tokenized[index].words.count)
                    }
                }, hasScores: variant == .classifier))
    }

    package func kept(in graph: StageGraph) throws -> ExperimentResult.Outcome? {
        try Self.kept(key, classes: classes, in: graph.store)
    }

    /// A cell's outcome that is kept; nil: it is not.
    static func kept(
        _ key: StageKey, classes: Int, in store: any StageStore
    ) throws -> ExperimentResult.Outcome? {
        try store.value(key) { $0.isConsistent(classes: classes) }
    }

    package func keep(_ output: ExperimentResult.Outcome, in graph: StageGraph) throws {
        try graph.store.keep(output, as: key)
    }
}

extension ExperimentResult {
    /// What a cell keeps; it is the same whatever the data set is called.
    package struct Outcome: Codable, Sendable {
        let dev: TrainingRecord.Score
        let test: TrainingRecord.Score?
        let bestEpoch: Int
        let rationaleShare: Double
        let plausibility: PlausibilityScores?
        let testLabels: [Int]
        let testPredictions: [Int]
        let seconds: Double

        enum CodingKeys: String, CodingKey {
            case dev, test, plausibility, seconds
            case bestEpoch = "best_epoch"
            case rationaleShare = "rationale_share"
            case testLabels = "test_labels"
            case testPredictions = "test_predictions"
        }

        init(_ scores: StageScores, rationaleShare: Double, plausibility: PlausibilityScores?) {
            dev = scores.dev
            test = scores.test
            bestEpoch = scores.bestEpoch
            self.rationaleShare = rationaleShare
            self.plausibility = plausibility
            testLabels = scores.testLabels
            testPredictions = scores.testPredictions
            seconds = scores.seconds
        }

        /// Whether the counts agree, classes are known, and figures lie where they can: files may have
        /// been altered.
        ///
        /// - Parameter classes: how many classes there are.
        package func isConsistent(classes: Int) -> Bool {
            hasSense(dev, test, bestEpoch: bestEpoch, seconds: seconds)
                && isShare(rationaleShare)
                && (plausibility?.figures ?? []).compactMap(\.value).allSatisfy(isShare)
                && testLabels.count == (test?.documents ?? 0)
                && testPredictions.count == testLabels.count
                && (testLabels + testPredictions).allSatisfy((0..<classes).contains)
        }
    }
}
