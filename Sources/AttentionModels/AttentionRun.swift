import Datasets
import Encoders
import Errors
import JSON
import Tensors
import Training

/// A data set and the options of a model that is trained on it: what the stages of a run have in common.
package struct AttentionRun {
    /// How the model is trained.
    package var options: AttentionOptions
    /// The rows, as digests.
    package let rows: RowDigests
    /// The digest of the embeddings' source.
    package let embeddings: String
    /// Whether rows have a question.
    package let usesQuery: Bool
    /// How many classes there are.
    package var classes: Int { rows.labels.count }
    package let workers: Workers
    private let read: () throws -> TrainingData

    /// A run.
    ///
    /// - Parameters:
    ///   - rows: those that `read` gives, where they were read already.
    ///   - read: gives the rows whenever they are needed.
    /// - Throws: `WarrantError` for options that cannot be, and what reading throws.
    package init(
        _ options: AttentionOptions, workers: Workers, first rows: TrainingData? = nil,
        read: @escaping () throws -> TrainingData
    ) throws {
        try options.validate()
        let data = try rows ?? read()
        self.options = options
        self.rows = RowDigests(data, markedOnly: false)
        embeddings = try options.embeddings.digest()
        usesQuery = data.usesQuery
        self.workers = workers
        self.read = read
    }

    /// The same run with other options.
    ///
    /// - Precondition: the embeddings' source stays.
    package func with(_ change: (inout AttentionOptions) -> Void) -> AttentionRun {
        var run = self
        change(&run.options)
        precondition(run.options.embeddings == options.embeddings, "the same embeddings")
        return run
    }

    /// The data as models read them.
    package var data: WordDataStage { WordDataStage(run: self) }
    /// The model that is trained as the options say.
    package var model: AttentionModelStage { AttentionModelStage(run: self) }

    /// The rows that the keys are of.
    fileprivate func checkedRows() throws -> TrainingData {
        let data = try read()
        guard RowDigests(data, markedOnly: false) == rows else {
            throw WarrantError(.badData, "rows changed while the work was under way; run it again")
        }
        return data
    }

    /// All that a trained model depends on.
    package var dependencies: StageKey.Dependencies {
        [("rows", rows.json)]
            + options.dependencies(embeddings: embeddings, pairs: usesQuery)
    }
}

/// Reads the rows of a run as words. Remembered, and never kept.
package struct WordDataStage: Stage {
    package static let kind = StageKind("word-data", version: 1)

    let run: AttentionRun

    package var key: StageKey {
        StageKey(
            Self.kind,
            [
                ("rows", run.rows.json), ("lengths", run.options.lengths.json),
                ("minimum_documents", .integer(run.options.minimumDocuments)),
            ])
    }

    package func make(in graph: StageGraph) throws -> WordData {
        try WordData(run.checkedRows(), run.options, workers: run.workers)
    }
}

/// A classifier with attention at its best epoch.
package struct TrainedAttentionModel: Sendable {
    /// The model.
    package let model: AttentionClassifier
    /// The epoch, from 1, at whose end it is.
    package let epoch: Int

    /// A model at the end of an epoch.
    package init(model: AttentionClassifier, epoch: Int) {
        self.model = model
        self.epoch = epoch
    }
}

/// Trains a classifier with attention, its own or one that is given.
package struct AttentionModelStage: Stage {
    package static let kind = StageKind("attention-model", version: 1)
    package static var inputs: [any Stage.Type] { [WordDataStage.self] }

    /// What the attention is.
    package indirect enum Guide {
        /// What the model computes.
        case own
        /// The same weight for each word.
        case uniform
        /// The attention of another model, on the same texts.
        case model(key: StageKey, _ load: (StageGraph) throws -> AttentionClassifier)
    }

    let run: AttentionRun
    /// What the attention is.
    package var guide = Guide.own

    init(run: AttentionRun) { self.run = run }

    /// The same with another attention.
    package func guided(by guide: Guide) -> AttentionModelStage {
        var stage = self
        stage.guide = guide
        return stage
    }

    /// The same with the attention of another model, which the graph has or makes.
    package func guided(by other: AttentionModelStage) -> AttentionModelStage {
        guided(by: .model(key: other.key) { try $0.output(of: other).model })
    }

    package var key: StageKey {
        let guide: JSONText =
            switch guide {
            case .own: .null
            case .uniform: "uniform"
            case .model(let key, _): .string(key.name)
            }
        return StageKey(Self.kind, run.dependencies + [("guide", guide)])
    }
    package var unfinished: [StageKey] { [key] }

    /// What the attention of each set's texts is.
    package func attention(
        _ sets: Splits<WordTexts>, in graph: StageGraph
    ) throws -> Splits<GivenAttention> {
        switch guide {
        case .own: return sets.map { _ in .own }
        case .uniform: return sets.map { _ in .uniform }
        case .model(_, let load):
            let model = try load(graph)
            return sets.map { .given(model.attention($0, workers: run.workers)) }
        }
    }

    /// A model that is not trained yet.
    package func newModel(_ data: WordData) throws -> AttentionClassifier {
        let vectors = try run.options.embeddings.vectors(
            of: data.vocabulary, size: run.options.embeddingSize)
        return try run.options.newModel(data, vectors)
    }

    package func make(in graph: StageGraph) throws -> TrainedAttentionModel {
        let attention = try attention(try graph.output(of: run.data).sets, in: graph)
        let data = try graph.output(of: run.data)
        let model = try newModel(data)
        let task = AttentionTask(
            train: data.sets.train, dev: data.sets.dev, outputs: model.outputs,
            attention: (attention.train, attention.dev))
        let unfinished = try graph.store.unfinished(key, called: "attention")
        let outcome = try graph.train(
            model, task,
            Trainer(
                recipe: run.options.recipe(pairs: run.usesQuery), seed: run.options.seed,
                workers: run.workers, stage: .attention(metric: "dev \(task.metricName)")),
            unfinished)
        return TrainedAttentionModel(model: outcome.model, epoch: outcome.epoch)
    }

    package func kept(in graph: StageGraph) throws -> TrainedAttentionModel? {
        try graph.keptModel(key, of: run)
    }

    package func keep(_ output: TrainedAttentionModel, in graph: StageGraph) throws {
        try graph.keep(output, as: key)
    }
}

extension StageGraph {
    /// A model that is kept; nil: it is not.
    ///
    /// - Parameter run: trained it.
    package func keptModel(
        _ key: StageKey, of run: AttentionRun
    ) throws -> TrainedAttentionModel? {
        try store.tensors(key, called: "a model with attention") { file in
            let data = try output(of: run.data)
            func fact(_ name: String, in range: ClosedRange<Int>) throws -> Int {
                guard file.entry(name)?.shape == [1],
                    let value = try file.floats(name).first.flatMap({ Int(exactly: $0) }),
                    range.contains(value)
                else { throw StageFlaw("\(name) is not a number that it can be") }
                return value
            }
            let epoch = try fact("epoch", in: 1...1_000_000)
            let model = try run.options.model(
                data, width: try fact("embedding_size", in: 1...16_384))
            for parameter in model.parameters.all {
                try file.readFloats(
                    parameter.name, shape: parameter.shape,
                    into: model.parameters[parameter].buffer)
            }
            model.parameters.changed()
            return TrainedAttentionModel(model: model, epoch: epoch)
        }
    }

    /// Keeps a model.
    package func keep(_ output: TrainedAttentionModel, as key: StageKey) throws {
        let model = output.model
        let facts = [
            ("embedding_size", model.configuration.shape.embeddingSize), ("epoch", output.epoch),
        ].map { SafetensorsTensor(name: $0, shape: [1], values: [Float($1)]) }
        try store.keep(
            facts
                + model.parameters.all.map {
                    SafetensorsTensor(
                        name: $0.name, shape: $0.shape, values: model.parameters[$0].values)
                }, as: key)
    }
}

extension AttentionOptions {
    /// The shape of a model.
    ///
    /// - Parameters:
    ///   - words: how many words the vocabulary has, the special ones included.
    ///   - width: of an embedding; nil: as asked for, or 300.
    /// - Throws: `WarrantError` for an encoder that is not there.
    package func configuration(
        words: Int, width: Int?, labels: [String], readsPairs: Bool
    ) throws -> AttentionConfiguration {
        try validate()
        guard let encoder = WordEncoders.named(encoder) else { preconditionFailure("validated") }
        return AttentionConfiguration(
            encoder: encoder, attention: attention,
            shape: WordEncoderShape(
                vocabularySize: words, embeddingSize: width ?? embeddingSize ?? 300,
                hiddenSize: hiddenSize), labels: labels, readsPairs: readsPairs)
    }

    /// A model whose parameters are all zero.
    ///
    /// - Parameter width: of an embedding; nil: as asked for, or 300.
    func model(_ data: WordData, width: Int?) throws -> AttentionClassifier {
        AttentionClassifier(
            try configuration(
                words: data.vocabulary.words.count, width: width, labels: data.labels,
                readsPairs: data.usesQuery))
    }

    /// A model before its training.
    ///
    /// - Parameter vectors: of the vocabulary's words; nil: at random.
    func newModel(_ data: WordData, _ vectors: WordVectors?) throws -> AttentionClassifier {
        newModel(
            try configuration(
                words: data.vocabulary.words.count, width: vectors?.size, labels: data.labels,
                readsPairs: data.usesQuery), vectors)
    }

    /// A model of a shape before its training.
    ///
    /// - Parameter vectors: of the vocabulary's words; nil: at random.
    package func newModel(
        _ configuration: AttentionConfiguration, _ vectors: WordVectors?
    ) -> AttentionClassifier {
        let model = AttentionClassifier(configuration)
        model.initialize(seed: seed)
        if let vectors {
            for encoder in [model.encoder, model.questionEncoder].compactMap({ $0 }) {
                model.parameters[encoder.wordEmbeddings].pointer.update(
                    from: vectors.values, count: vectors.values.count)
            }
            model.parameters.changed()
        }
        return model
    }
}

extension TrainingProgress.Stage {
    /// Training a classifier with attention.
    ///
    /// - Parameter metric: what the best epoch is chosen by.
    package static func attention(metric: String) -> TrainingProgress.Stage {
        TrainingProgress.Stage("attention", metric: metric)
    }
}
