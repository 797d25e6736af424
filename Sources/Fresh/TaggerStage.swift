import Encoders
import Models
import Training

/// A fine-tuned tagger, at its best epoch.
package struct TrainedTagger {
    package let tagger: TokenTagger
    package let epoch: Int
    /// F1 of its selected words on the development set.
    package let devF1: Double
    /// How its loss began and ended.
    package let loss: LossTrend
    /// How many training documents were supervised by their human rationales.
    package let humanDocuments: Int
}

/// Trains a tagger to select what a thresholder takes by a scorer's saliency, or for a share of the
/// training documents the words that a human marked.
package struct TaggerStage: Stage {
    package static let kind = StageKind("tagger", version: 1)
    package static var inputs: [any Stage.Type] {
        [DocumentsStage.self, SaliencyStage.self]
    }

    /// The run that it belongs to.
    let run: FreshRun
    /// How it is trained.
    let tagging: TrainingOptions.Tagging

    package var key: StageKey {
        run.keys.tagger(
            scorer: run.options.scorer, learns: run.options.selection, tagging: tagging)
    }

    package func make(in graph: StageGraph) throws -> TrainedTagger {
        let documents = try graph.output(of: run.documents)
        let selection = try documents.select(
            graph.output(of: run.saliency), by: run.options.selection
        ).words
        let options = run.options
        let start = try run.origin.newTagger(seed: options.seed)
        let set = documents.data.train
        let targets = TaggingTargets(
            selections: selection.train,
            human: set.documents.map { $0.humanRationale(in: documents.tokenizer.words) },
            wordCounts: set.tokenized.map(\.words.count), tagging, seed: options.seed)
        let task = TaggingTask(
            documents: set.tokenized, targets: targets.words,
            positiveWeight: targets.positiveWeight(options.selection),
            dev: (set: documents.data.dev, selections: selection.dev),
            settings: options.selection, tokenizer: documents.tokenizer, chunk: documents.chunk)
        let stage = TrainingProgress.Stage.tagger
        let outcome = try graph.train(
            start, task,
            Trainer(
                recipe: options.recipe, seed: options.seed, weightFormat: options.weightFormat,
                workers: documents.workers, stage: stage),
            graph.store.unfinished(key, called: stage.name))
        return TrainedTagger(
            tagger: outcome.model, epoch: outcome.epoch, devF1: outcome.dev,
            loss: outcome.loss, humanDocuments: targets.humanDocuments.count)
    }
}
