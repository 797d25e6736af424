import AttentionModels
import Diagnostics
import Encoders
import JSON
import Optimization
import Tensors
import Training

/// Trains a model that predicts as another one does, by attention as different as possible (Wiegreffe &
/// Pinter 2019, section 4, equation 1).
///
/// The loss is the sum over texts of TVD(ŷ_a, ŷ_b) - λ KL(α_a ‖ α_b), without labels. The epoch at whose
/// end the loss over the training texts is lowest is kept; the authors add the losses of an epoch's steps
/// up instead, while weights still move.
package struct AdversarialTask: WordTextsTask {
    package let train: WordTexts
    /// What the base model gives for each.
    let base: [BaseOutput]
    /// How much a divergence counts.
    let lambda: Double
    package let patience: Int?
    package let lengths: [Int]

    init(train: WordTexts, base: [BaseOutput], lambda: Double, patience: Int) {
        self.train = train
        self.base = base
        self.lambda = lambda
        self.patience = patience
        lengths = train.lengths
    }

    package func losses(
        _ model: AttentionClassifier, _ batch: [Int], _ step: TrainingStep,
        _ gradients: ShardedGradients
    ) -> [Double] {
        losses(of: batch, gradients) { numbers, tape in
            let (texts, questions) = train.batch(numbers)
            return model.divergencePass(
                texts, questions: questions, base: numbers.map { base[$0] }, lambda: lambda,
                on: tape
            ).map(\.loss)
        }
    }

    /// The mean loss of the training texts.
    package func measure(_ model: AttentionClassifier, workers: Workers) throws -> Double {
        let outputs = model.attend(
            train.documents, questions: train.questions, workers: workers
        ) { DivergenceLoss(BaseOutput($1), from: base[$0], lambda: lambda).loss }
        guard outputs.allSatisfy(\.isFinite) else { throw notFinite() }
        return outputs.reduce(0, +) / Double(max(1, outputs.count))
    }

    package func metric(_ score: Double) -> Double { -score }
}

/// An adversarial model of a run's model.
package struct AdversarialModelStage: Stage {
    package static let kind = StageKind("adversarial-model", version: 1)
    package static var inputs: [any Stage.Type] { [WordDataStage.self, AttentionModelStage.self] }

    /// The run of the model that is imitated.
    let run: AttentionRun
    let lambda: Double
    let epochs: Int
    let patience: Int

    init(_ run: AttentionRun, lambda: Double, _ settings: DiagnosticSettings) {
        self.run = run
        self.lambda = lambda
        epochs = settings.adversaryEpochs
        patience = settings.patience
    }

    package var key: StageKey {
        StageKey(
            Self.kind,
            [
                ("base", .string(run.model.key.name)), ("lambda", .double(lambda)),
                ("epochs", .integer(epochs)), ("patience", .integer(patience)),
            ])
    }
    package var unfinished: [StageKey] { [key] }

    /// The run of the adversary, which has a seed of its own.
    private var own: AttentionRun { run.with { $0.seed &+= 1 } }

    package func make(in graph: StageGraph) throws -> TrainedAttentionModel {
        let base = try graph.output(of: run.model).model
        let data = try graph.output(of: run.data)
        let train = data.sets.train
        let model = try own.model.newModel(data)
        var recipe = run.options.recipe(pairs: run.usesQuery)
        recipe.epochs = epochs
        let task = AdversarialTask(
            train: train,
            base: base.attend(
                train.documents, questions: train.questions, workers: run.workers
            ) { BaseOutput($1) },
            lambda: lambda, patience: patience)
        let outcome = try graph.train(
            model, task,
            Trainer(
                recipe: recipe, seed: own.options.seed, workers: run.workers,
                stage: TrainingProgress.Stage("adversary", metric: "training -loss")),
            try graph.store.unfinished(key, called: "adversary"))
        return TrainedAttentionModel(model: outcome.model, epoch: outcome.epoch)
    }

    package func kept(in graph: StageGraph) throws -> TrainedAttentionModel? {
        try graph.keptModel(key, of: run)
    }

    package func keep(_ output: TrainedAttentionModel, in graph: StageGraph) throws {
        try graph.keep(output, as: key)
    }
}
