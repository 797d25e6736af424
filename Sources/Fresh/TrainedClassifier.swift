import Encoders
import Metrics
import Models
import Training

/// A fine-tuned classifier, at its best epoch: trained just now, or as a store keeps it.
package final class TrainedClassifier {
    /// What is known of a training that this process has done.
    package struct Course {
        /// What the development set says of the model.
        package let dev: ClassificationMetrics
        /// How the loss began and ended.
        package let loss: LossTrend
    }

    /// What it scored.
    package let scores: StageScores
    /// How it was trained; nil: it was kept.
    package let course: Course?
    private var loaded: (any TextClassifier)?
    private let load: () throws -> any TextClassifier

    /// A model that was trained.
    package init(_ model: any TextClassifier, scores: StageScores, course: Course) {
        self.scores = scores
        self.course = course
        loaded = model
        load = { model }
    }

    /// A model that is kept.
    package init(_ kept: KeptModel) {
        scores = kept.scores
        course = nil
        load = kept.load
    }

    /// The model, which is read when it is first asked for.
    package func model() throws -> any TextClassifier {
        if let loaded { return loaded }
        let model = try load()
        loaded = model
        return model
    }
}

extension StageGraph {
    /// Trains a classifier for a stage, from where its training was kept.
    ///
    /// - Parameters:
    ///   - key: the stage's, by which its training is kept.
    ///   - stage: its name in progress.
    ///   - data: what it reads, and learns.
    func trainClassifier(
        _ key: StageKey, _ stage: TrainingProgress.Stage, _ run: FreshRun,
        _ recipe: TrainingRecipe, _ documents: FreshDocuments,
        on data: @autoclosure () throws -> Splits<LabelledDocuments>
    ) throws -> TrainedClassifier {
        let begin = ContinuousClock.now
        let data = try data()
        let outcome = try run.origin.train(
            ClassifierTraining(
                key: key, stage: stage, data: data, labels: documents.labels,
                tokenizer: documents.tokenizer, recipe: recipe, options: run.options,
                workers: documents.workers), in: self)
        let test =
            data.test.documents.isEmpty
            ? nil : try data.test.evaluate(outcome.model, workers: documents.workers)
        let seconds = outcome.secondsBefore + (ContinuousClock.now - begin) / .seconds(1)
        return TrainedClassifier(
            outcome.model,
            scores: StageScores(
                dev: .init(outcome.dev), test: test.map { .init($0.metrics) },
                bestEpoch: outcome.epoch, testLabels: data.test.labels,
                testLogits: test?.logits ?? [],
                seconds: (seconds * 1_000).rounded(.up) / 1_000),
            course: .init(dev: outcome.dev, loss: outcome.loss))
    }
}
