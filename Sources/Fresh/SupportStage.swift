import Training

/// Trains the support model: a classifier of whole documents.
package struct SupportStage: Stage {
    // 2: head weights, order and dropout are drawn from streams of their own.
    package static let kind = StageKind("support", version: 2)
    package static var inputs: [any Stage.Type] {
        [DocumentsStage.self]
    }

    /// The run that it belongs to.
    let run: FreshRun

    package var key: StageKey { run.keys.support }
    package var unfinished: [StageKey] { [key] }

    package func make(in graph: StageGraph) throws -> TrainedClassifier {
        let documents = try graph.output(of: run.documents)
        return try graph.trainClassifier(
            key, .support, run, run.options.recipe, documents,
            on: documents.data.map(\.full))
    }

    package func kept(in graph: StageGraph) throws -> TrainedClassifier? {
        try graph.store.model(key, classes: run.keys.rows.labels.count)
            .map { TrainedClassifier($0) }
    }

    package func keep(_ output: TrainedClassifier, in graph: StageGraph) throws {
        try graph.store.keep(output.model(), output.scores, as: key)
    }
}
