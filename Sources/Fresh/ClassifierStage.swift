import Rationales
import Tokenization
import Training

/// Trains a classifier on rationales, or on a control's words, and on nothing else.
package struct ClassifierStage: Stage {
    // 2: head weights, order and dropout are drawn from streams of their own.
    package static let kind = StageKind("classifier", version: 2)
    package static var inputs: [any Stage.Type] {
        [DocumentsStage.self]
    }

    package let key: StageKey
    /// What it reads of each document, by the words' indices.
    package let selections: Splits<[[Int]]>
    private let run: FreshRun
    private let variant: Variant
    private let words: Splits<[RationaleWords]>

    /// A classifier of what was selected. Whoever selects the same words shares it.
    ///
    /// - Parameters:
    ///   - variant: the classifier, or a control.
    ///   - documents: what was selected from.
    package init(
        _ run: FreshRun, _ variant: Variant, _ selection: Selection, of documents: FreshDocuments
    ) {
        self.run = run
        self.variant = variant
        if let control = variant.control {
            selections = control.selections(
                like: selection.words, words: documents.wordCounts, seed: run.options.seed)
        } else {
            selections = selection.words
        }
        words = documents.words(selections)
        key = run.keys.classifier(words, labels: documents.data.map(\.labels))
    }

    package func make(in graph: StageGraph) throws -> TrainedClassifier {
        let documents = try graph.output(of: run.documents)
        return try graph.trainClassifier(
            key, variant.stage, run, run.options.classifierRecipe ?? run.options.recipe,
            documents,
            on: words.zip(documents.data).map { words, set in
                LabelledDocuments(
                    documents: try words.map {
                        try documents.rationaleTokenizer.chunks(
                            of: $0.text, query: $0.query, documents.classifierChunk)
                    }, labels: set.labels)
            })
    }
}

/// What a classifier scores; the model is given up.
package struct ClassifierScoresStage: Stage {
    package static var inputs: [any Stage.Type] {
        [ClassifierStage.self]
    }

    private let classifier: ClassifierStage
    private let classes: Int

    /// The scores of a classifier.
    ///
    /// - Parameter classes: how many classes it tells apart.
    package init(of classifier: ClassifierStage, classes: Int) {
        self.classifier = classifier
        self.classes = classes
    }

    package var key: StageKey { classifier.key }
    package var unfinished: [StageKey] { [key] }

    package func make(in graph: StageGraph) throws -> StageScores {
        try graph.output(of: classifier).scores
    }

    package func kept(in graph: StageGraph) throws -> StageScores? {
        try graph.store.value(key) { $0.isConsistent(classes: classes) }
    }

    package func keep(_ output: StageScores, in graph: StageGraph) throws {
        try graph.store.keep(output, as: key)
    }
}
