import Encoders
import Randomness
import Tensors

/// Trains classifiers and reads the test texts at checkpoints, so that no weights need to be kept
/// (Snell et al. 2021, section 3).
package enum RelevanceTraining {
    /// Texts of a shard. Part of the results' bits, whatever the number of threads.
    private static let shardTexts = 16

    /// How far a run is.
    package struct Progress: Sendable {
        /// The run's.
        package let seed: UInt64
        /// How many steps are done.
        package let step: Int
        /// On the test texts.
        package let accuracy: Double
    }

    /// One run.
    ///
    /// - Parameters:
    ///   - measuresInfluence: whether Δ is taken at the best checkpoint.
    ///   - progress: is called after every checkpoint.
    package static func run(
        _ options: RelevanceOptions, seed: UInt64, isUniform: Bool = false,
        measuresInfluence: Bool = false, training: RelevanceTexts, test: RelevanceTexts,
        workers: Workers, progress: (Progress) throws -> Void = { _ in }
    ) rethrows -> RelevanceRun {
        let model = RelevanceClassifier(
            WordEncoderShape(
                vocabularySize: options.vocabularySize, embeddingSize: options.embeddingSize,
                hiddenSize: options.hiddenSize), attentionSize: options.attentionSize)
        model.initialize(seed: seed)
        let attention: RelevanceClassifier.Attention = isUniform ? .uniform : .learned
        let optimizer = AdamSteps(
            model.parameters, rate: options.learningRate, workers: workers)
        var batches = Batches(training, size: options.batchSize, seed: seed)
        var run = RelevanceRun(seed: seed, isUniform: isUniform, checkpoints: [])
        var best = -1.0
        func evaluate(_ step: Int, _ loss: Double?) throws {
            optimizer.synchronize()
            let traces = model.trace(test.documents, attention, workers: workers)
            let right = zip(traces, test.labels).count { ($0.logit > 0 ? 1 : 0) == $1 }
            let accuracy = Double(right) / Double(max(1, traces.count))
            run.checkpoints.append(
                RelevanceCheckpoint(
                    step: step, trainingLoss: loss, accuracy: accuracy,
                    attention: traces.map(\.attention), relevance: traces.map(\.relevance)))
            if measuresInfluence, accuracy > best {
                best = accuracy
                run.influence = model.trace(
                    test.documents, attention, influenceOn: test.labels, workers: workers
                ).map { $0.influence ?? [] }
            }
            try progress(Progress(seed: seed, step: step, accuracy: accuracy))
        }
        let checkpoints = Set(options.checkpoints)
        try evaluate(0, nil)
        for step in stride(from: 1, through: options.steps, by: 1) {
            let texts = batches.next()
            let loss = optimizer.step(
                texts.labels.count, shardSize: shardTexts, rows: texts.documents.flatMap(\.ids)
            ) { range, tape in
                model.trainingPass(
                    PackedBatch(texts.documents[range]), attention,
                    labels: Array(texts.labels[range]), weight: 1 / Double(texts.labels.count),
                    on: tape)
            }
            if checkpoints.contains(step) { try evaluate(step, loss) }
        }
        return run
    }
}

/// Batches of texts in an order of their own for each pass over them; a pass's last batch is filled up
/// from the next pass.
struct Batches {
    private let texts: RelevanceTexts
    private let size: Int
    private var generator: SeededGenerator
    private var order: ArraySlice<Int> = []

    init(_ texts: RelevanceTexts, size: Int, seed: UInt64) {
        precondition(size > 0 && !texts.labels.isEmpty, "a batch has a text")
        self.texts = texts
        self.size = size
        generator = SeededGenerator(seed: seed, stream: "order of texts")
    }

    mutating func next() -> RelevanceTexts {
        while order.count < size { order += generator.shuffled(texts.labels.indices) }
        defer { order = order.dropFirst(size) }
        let batch = order.prefix(size)
        return RelevanceTexts(
            documents: batch.map { texts.documents[$0] }, labels: batch.map { texts.labels[$0] })
    }
}
