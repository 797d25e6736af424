import AttentionModels
import Encoders
import Randomness
import Testing
import Warrant

@Suite("Training of classifiers with attention")
struct AttentionTrainingTests {
    private let workers = Workers(threads: 2)

    private func task(_ data: WordData, outputs: Int = 1) -> AttentionTask {
        AttentionTask(train: data.sets.train, dev: data.sets.dev, outputs: outputs)
    }

    @Test func batchesHaveEachTextOnceAndTextsOfLikeLengths() throws {
        let data = try WordData(
            WordRows.data(200), WordRows.options("lstm", .additive), workers: workers)
        let task = task(data)
        var generator = SeededGenerator(seed: 3)
        let epochs = (0..<3).map { _ in task.batches(size: 16, using: &generator) }
        let lengths = data.sets.train.documents.map(\.ids.count)
        for batches in epochs {
            #expect(batches.flatMap { $0 }.sorted() == Array(0..<200))
            #expect(batches.map(\.count).sorted() == [8] + Array(repeating: 16, count: 12))
            for batch in batches {
                let all = batch.map { lengths[$0] }
                let (low, high) = (all.min() ?? 0, all.max() ?? 0)
                // Each length is blurred by a tenth, rounded outwards, and a batch may span
                // lengths.
                #expect(high - low <= 6)
            }
        }
        #expect(epochs[0] != epochs[1] && epochs[1] != epochs[2])
        var again = SeededGenerator(seed: 3)
        #expect(task.batches(size: 16, using: &again) == epochs[0])
        // Neither the order of the rows nor that of lengths.
        let order = epochs[0].map { batch in batch.reduce(0) { $0 + lengths[$1] } }
        #expect(order != order.sorted())
    }

    /// A kind of data and model.
    static let kinds: [(encoder: String, attention: AttentionScore, classes: Int, queries: Bool)] =
        [
            ("lstm", .additive, 2, false), ("cnn", .dot, 3, false), ("average", .additive, 2, true),
        ]

    @Test(arguments: kinds)
    func chunkedDocumentsLearnWhatTextsLearn(
        encoder: String, attention: AttentionScore, classes: Int, queries: Bool
    ) throws {
        let options = WordRows.options(encoder, attention)
        let rows = try WordRows.data(40, classes: classes, queries: queries)
        let data = try WordData(rows, options, workers: workers)
        let configuration = try options.configuration(
            words: data.vocabulary.words.count, width: nil, labels: rows.labels,
            readsPairs: queries)
        let trainer = Trainer(
            recipe: options.recipe(pairs: queries), seed: 7, workers: workers,
            stage: .attention(metric: "any"))
        let texts = try trainer.run(
            options.newModel(configuration, nil), task(data, outputs: configuration.outputs))

        let sets = try Splits(train: rows.train, dev: rows.dev, test: rows.test).map {
            try DocumentSet(
                $0, labels: rows.labels, tokenizer: data.tokenizer, chunk: .whole,
                needsHumanRationale: false, workers: workers
            ).full
        }
        #expect(sets.all.allSatisfy { $0.documents.allSatisfy { $0.chunks.count == 1 } })
        let documents = try trainer.run(
            WordClassifier(options.newModel(configuration, nil)),
            WordClassificationTask(train: sets.train, dev: sets.dev, configuration))
        #expect(documents.epoch == texts.epoch)
        for parameter in texts.model.parameters.all {
            let (one, other) = (
                texts.model.parameters[parameter].values,
                documents.model.parameters[parameter].values
            )
            if queries {
                // A query ends where its text begins: shards are cut by other lengths, and sums
                // round.
                let difference = zip(one, other).reduce(0) { max($0, abs($1.0 - $1.1)) }
                #expect(difference < 1e-3, "\(parameter.name)")
            } else {
                #expect(one == other, "\(parameter.name)")
            }
        }
        #expect(documents.dev.metrics.accuracy == texts.dev.accuracy || queries)
    }

    @Test func classWeightsTakeTheAuthorsPlace() throws {
        let rows = try WordRows.data(40)
        let options = WordRows.options("average", .additive, epochs: 1)
        let data = try WordData(rows, options, workers: workers)
        let configuration = try options.configuration(
            words: data.vocabulary.words.count, width: nil, labels: rows.labels, readsPairs: false)
        let set = try DocumentSet(
            rows.train, labels: rows.labels, tokenizer: data.tokenizer, chunk: .whole,
            needsHumanRationale: false, workers: workers
        ).full
        func trained(_ weights: [Double]?) throws -> [Float] {
            let outcome = try Trainer(
                recipe: options.recipe(pairs: false), seed: 7, workers: workers,
                stage: .attention(metric: "any")
            ).run(
                WordClassifier(options.newModel(configuration, nil)),
                WordClassificationTask(
                    train: set, dev: set, configuration, classWeights: weights))
            return outcome.model.parameters.all.flatMap {
                outcome.model.parameters[$0].values
            }
        }
        // As many of one class as of the other: the authors weigh both by 1.
        #expect(try trained(nil) == trained([1, 1]))
        #expect(try trained(nil) != trained([1, 3]))
    }
}
