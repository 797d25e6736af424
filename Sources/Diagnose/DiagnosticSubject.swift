import AttentionModels
import Datasets
import Encoders
import Errors
import JSON
import Tensors
import Training

/// What a diagnostic is made of: a model and the texts that it is measured on.
package enum DiagnosticSubject {
    /// A classifier with attention over words, which is trained where it is not kept.
    case words(WordSubject)
    /// A model from a folder.
    case loaded(LoadedSubject)
    /// No model: the diagnostic makes its own.
    case none(Workers)

    /// What findings depend on besides a diagnostic's own settings.
    func dependencies(_ needs: DiagnosticEntry.Needs) -> StageKey.Dependencies {
        switch self {
        case .words(let subject):
            needs == .rows ? subject.rowDependencies : subject.dependencies
        case .loaded(let subject): subject.dependencies
        case .none: []
        }
    }

    /// The threads that work.
    package var workers: Workers {
        switch self {
        case .words(let subject): subject.workers
        case .loaded(let subject): subject.workers
        case .none(let workers): workers
        }
    }

    /// What trains classifiers with attention over words.
    ///
    /// - Throws: `WarrantError` where the subject is a model that was trained before.
    func words(for name: String) throws -> WordSubject {
        guard case .words(let subject) = self else {
            throw WarrantError(
                .wrongUsage,
                "\(name) trains models: give rows to learn from as --train in place of --model")
        }
        return subject
    }

    /// A classifier with attention over words, and the texts that it is measured on.
    ///
    /// - Throws: `WarrantError` where the subject is another model.
    func attended(
        for name: String, in graph: StageGraph
    ) throws -> (trained: TrainedAttentionModel, texts: WordTexts) {
        switch self {
        case .words(let subject):
            let model = try subject.model(in: graph)
            return (model, try subject.texts(in: graph))
        case .loaded(let subject):
            if case .words(let model, let texts) = subject.model {
                return (TrainedAttentionModel(model: model, epoch: subject.epoch), texts)
            }
        case .none: break
        }
        throw WarrantError(
            .wrongUsage,
            "\(name) needs a model with attention over words, not a transformer: train one with "
                + "--encoder " + WordEncoders.names.joined(separator: "|"))
    }
}

/// A classifier with attention over words, and the texts that it is measured on.
package struct WordSubject {
    /// The run that trains it.
    package let run: AttentionRun
    /// Whether the texts are those of dev, as there are none of test.
    package let measuresDev: Bool
    /// The name of the rows.
    package let data: String

    /// A subject.
    ///
    /// - Parameter data: what people call the rows that are measured.
    package init(_ run: AttentionRun, data: String) {
        self.run = run
        measuresDev = !run.rows.hasTest
        self.data = data
    }

    package var workers: Workers { run.workers }
    package var labels: [String] { run.rows.labels }

    var dependencies: StageKey.Dependencies {
        [("model", .string(run.model.key.name)), ("dev", .bool(measuresDev))]
    }

    /// What depends on the rows alone.
    fileprivate var rowDependencies: StageKey.Dependencies {
        [("data", .string(run.data.key.name)), ("dev", .bool(measuresDev))]
    }

    /// The trained model.
    package func model(in graph: StageGraph) throws -> TrainedAttentionModel {
        try graph.output(of: run.model)
    }

    /// The texts that are measured.
    package func texts(in graph: StageGraph) throws -> WordTexts {
        measured(try graph.output(of: run.data).sets)
    }

    /// What is measured of something that each set has.
    package func measured<Value>(_ sets: Splits<Value>) -> Value {
        measuresDev ? sets.dev : sets.test
    }

    /// The model in a few words.
    package var title: String {
        "\(run.options.title), seed \(run.options.seed)"
    }

    /// What reports say of it.
    package var context: ReportContext {
        let options = run.options
        let recipe = options.recipe(pairs: run.usesQuery)
        return ReportContext(
            model: title,
            modelFacts: [
                ("encoder", .string(options.encoder)),
                ("attention", .string(options.attention.rawValue)),
                ("embeddings", .string(options.embeddings.title)),
                ("hidden_size", .integer(options.hiddenSize)),
                ("epochs", .integer(recipe.epochs)), ("batch_size", .integer(recipe.batchSize)),
                ("seed", .string("\(options.seed)")),
            ], data: data, labels: run.rows.labels)
    }
}
