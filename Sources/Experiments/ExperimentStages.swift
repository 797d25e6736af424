import Encoders
import Errors
import Files
import Metrics
import Rationales
import Saliency
import Training

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Computes cells, and keeps what the next one may need: the data set, the support model, the scores
/// and the selection that were used last, and no others.
struct ExperimentStages {
    let file: ExperimentFile
    let encoder: FolderFiles
    let store: StageStore
    let threads: Int
    let report: (ExperimentEvent) throws -> Void

    private var data: (key: String, pipeline: FreshPipeline)?
    private var support: (key: String, model: SequenceClassifier)?
    private var saliency: (key: String, maps: Splits<[SaliencyMap]>)?
    private var selection: (key: String, value: Selection)?

    /// The stage that gives the scores by which words are selected: a scorer or a tagger.
    private struct Selection {
        let saliency: Splits<[SaliencyMap]>
        let words: Splits<[[Int]]>
    }

    init(
        file: ExperimentFile, encoder: FolderFiles, store: StageStore, threads: Int,
        report: @escaping (ExperimentEvent) throws -> Void
    ) {
        self.file = file
        self.encoder = encoder
        self.store = store
        self.threads = threads
        self.report = report
    }

    /// A cell's outcome, from stages that are kept or by new ones.
    mutating func outcome(of cell: ExperimentCell) throws -> ExperimentResult.Outcome {
        if cell.variant == .support {
            return outcome(try supportScores(cell), rationaleShare: 1, plausibility: nil)
        }
        let selection = try selectedWords(cell)
        let pipeline = try tokenized(cell)
        var words = selection.words
        if case .control(let control) = cell.variant {
            words = control.selections(
                like: words, words: pipeline.wordCounts, seed: cell.seed)
        }
        let scores = try classifierScores(pipeline.words(words), cell)
        let isMeasuredOnTest = !pipeline.data.test.documents.isEmpty
        let set = isMeasuredOnTest ? pipeline.data.test : pipeline.data.dev
        let selected = isMeasuredOnTest ? words.test : words.dev
        let maps = isMeasuredOnTest ? selection.saliency.test : selection.saliency.dev
        let all = set.tokenized.reduce(0) { $0 + $1.words.count }
        return outcome(
            scores,
            rationaleShare: Double(selected.reduce(0) { $0 + $1.count }) / Double(max(1, all)),
            plausibility: PlausibilityFigures(
                set.documents.indices.compactMap { index in
                    set.documents[index].humanRationale(in: pipeline.tokenizer.words).map {
                        MarkedDocument(
                            human: $0, selection: selected[index], scores: maps[index].scores,
                            words: set.tokenized[index].words.count)
                    }
                }, hasScores: cell.variant == .classifier))
    }

    private func outcome(
        _ scores: StageScores, rationaleShare: Double, plausibility: PlausibilityFigures?
    ) -> ExperimentResult.Outcome {
        .init(
            dev: scores.dev, test: scores.test, bestEpoch: scores.bestEpoch,
            rationaleShare: rationaleShare, plausibility: plausibility,
            testLabels: scores.testLabels,
            testPredictions: scores.testLogits.map(\.indexOfLargest), seconds: scores.seconds)
    }

    // MARK: Data

    /// The tokenized rows, with the cell's seed.
    private mutating func tokenized(_ cell: ExperimentCell) throws -> FreshPipeline {
        let key = "\(cell.dataIndex) \(cell.keys.rows.json.write())"
        if data?.key != key {
            (data, support, saliency, selection) = (nil, nil, nil, nil)
            let set = file.data[cell.dataIndex]
            let rows = try set.rows()
            let needsHumans = cell.scorer == "human"
            guard RowDigests(rows, markedOnly: needsHumans) == cell.keys.rows else {
                throw WarrantError(
                    .badData, "\(set.train): rows changed while the experiment ran; run it again")
            }
            var options = set.recipe.options(seed: cell.seed, threads: threads)
            if let scorer = cell.scorer { options.scorer = scorer }
            options.tagging = file.tagging
            let report = report
            let pipeline = try FreshPipeline(encoder: encoder, data: rows, options: options) {
                try report(.progress($0))
            }
            try report(
                .opened(
                    set, rows, leftOut: pipeline.data.all.flatMap { $0.unreadable + $0.unmarked }))
            data = (key, pipeline)
        }
        guard var pipeline = data?.pipeline else { preconditionFailure("it was just made") }
        pipeline.options.seed = cell.seed
        return pipeline
    }

    // MARK: Models

    private mutating func supportScores(_ cell: ExperimentCell) throws -> StageScores {
        let name = cell.keys.support
        let classes = cell.keys.rows.labels.count
        if let scores = try store.supportScores(name, classes: classes) { return scores }
        let pipeline = try tokenized(cell)
        (support, saliency, selection) = (nil, nil, nil)
        let (trained, scores) = try timed(pipeline) { try pipeline.trainSupport() }
        try store.keep(trained.model, scores, as: name)
        support = (name, trained.model)
        return scores
    }

    private mutating func supportModel(_ cell: ExperimentCell) throws -> SequenceClassifier {
        let scores = try supportScores(cell)
        let name = cell.keys.support
        if let support, support.key == name { return support.model }
        (support, saliency, selection) = (nil, nil, nil)
        let model = try store.support(name, scores)
        support = (name, model)
        return model
    }

    private mutating func classifierScores(
        _ words: Splits<[RationaleWords]>, _ cell: ExperimentCell
    ) throws -> StageScores {
        let pipeline = try tokenized(cell)
        let name = cell.keys.classifier(words, labels: pipeline.data.map(\.labels))
        let classes = cell.keys.rows.labels.count
        if let scores: StageScores = try store.value(name, classes: classes) { return scores }
        let (_, scores) = try timed(pipeline) {
            try pipeline.trainClassifier(words, stage: cell.variant.stage)
        }
        try store.keep(scores, as: name)
        return scores
    }

    private func timed(
        _ pipeline: FreshPipeline, _ train: () throws -> FreshPipeline.TrainedClassifier
    ) throws -> (FreshPipeline.TrainedClassifier, StageScores) {
        let begin = ContinuousClock.now
        let trained = try train()
        let milliseconds = ((ContinuousClock.now - begin) / .milliseconds(1)).rounded(.up)
        return (
            trained,
            StageScores(
                dev: trained.scores.dev, test: trained.scores.test, bestEpoch: trained.epoch,
                testLabels: pipeline.data.test.labels, testLogits: trained.testLogits,
                seconds: milliseconds / 1_000)
        )
    }

    // MARK: Rationales

    /// Scores that are kept under a name; they are made, and kept, where they are not.
    private mutating func kept(
        _ name: String, for pipeline: FreshPipeline,
        orMadeBy make: (inout Self) throws -> Splits<[SaliencyMap]>
    ) throws -> Splits<[SaliencyMap]> {
        if let maps = try store.saliency(name, words: pipeline.wordCounts) { return maps }
        let maps = try make(&self)
        try store.keep(maps, as: name)
        return maps
    }

    /// The scorer's scores.
    private mutating func saliencyMaps(
        _ cell: ExperimentCell, _ scorer: String
    ) throws -> Splits<[SaliencyMap]> {
        let pipeline = try tokenized(cell)
        let name = cell.keys.saliency(scorer: scorer)
        if let saliency, saliency.key == name { return saliency.maps }
        (saliency, selection) = (nil, nil)
        let maps = try kept(name, for: pipeline) {
            let model = try $0.supportModel(cell)
            return try pipeline.saliency(
                .saliency(SaliencyScorers.named(scorer, seed: cell.seed), of: model))
        }
        saliency = (name, maps)
        return maps
    }

    private mutating func selectedWords(_ cell: ExperimentCell) throws -> Selection {
        guard let settings = cell.thresholder, let scorer = cell.scorer else {
            preconditionFailure("the cell selects no words")
        }
        // First, for another data set drops what was kept: it may differ in what humans marked.
        let pipeline = try tokenized(cell)
        let name = cell.keys.saliency(scorer: scorer, tagger: file.tagging.map { (settings, $0) })
        let key = "\(name) \(settings.json.write())"
        if let selection, selection.key == key { return selection.value }
        let maps: Splits<[SaliencyMap]>
        if let tagging = file.tagging {
            maps = try kept(name, for: pipeline) {
                try pipeline.tag($0.saliencyMaps(cell, scorer), by: settings, tagging).saliency
            }
        } else {
            maps = try saliencyMaps(cell, scorer)
        }
        selection = nil
        let made = Selection(
            saliency: maps, words: try pipeline.select(maps, by: settings).selections)
        selection = (key, made)
        return made
    }
}
