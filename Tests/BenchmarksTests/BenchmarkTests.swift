import Benchmarks
import Foundation
import TestSupport
import Testing
import Warrant

@Suite struct BenchmarkTests {
    private static let configuration = EncoderConfiguration(
        hiddenSize: 32, layers: 2, heads: 2, intermediateSize: 64, vocabularySize: 100,
        maximumLength: 64)

    private func benchmark(_ documents: BenchmarkDocuments? = nil) -> Benchmark {
        Benchmark(
            model: SequenceClassifier(random: Self.configuration, labels: ["0", "1"], seed: 3),
            documents: documents
                ?? BenchmarkDocuments(count: 5, tokens: 12, vocabularySize: 100, seed: 1),
            batchSize: 2, repetitions: 3)
    }

    private func tokenizer() throws -> any Tokenizer {
        let folder = try TemporaryFolder()
        try folder.file("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nfilm\nplot\n")
        return try openTokenizer(folder: folder.url)
    }

    private func documents(
        _ rows: [(text: String, label: String?)], seed: UInt64 = 0, maximumLength: Int = 64
    ) throws -> BenchmarkDocuments {
        try BenchmarkDocuments(
            rows.map {
                Example(text: $0.text, label: $0.label, location: SourceLocation(file: "rows"))
            },
            tokenizer: tokenizer(), maximumLength: maximumLength, seed: seed,
            workers: Workers(threads: 1))
    }

    @Test(arguments: [BenchmarkCase.Workload.encode, .latency, .train], [1, 2])
    func passesHaveTimesAndSharesThatSumToOne(
        _ workload: BenchmarkCase.Workload, threads: Int
    ) throws {
        var reported: [Int] = []
        let figures = try benchmark().run(
            BenchmarkCase(workload, precision: .fp32, threads: threads)
        ) {
            reported.append($0)
        }
        #expect(reported == [0, 1, 2, 3], "an unmeasured pass comes first")
        #expect(figures.seconds.count == 3 && figures.seconds.allSatisfy { $0 > 0 })
        #expect(figures.documents == 5 && figures.tokens == 60)
        #expect(figures.tokensPerSecond > 0)
        let shares = try Work.allCases.map { try #require(figures.share($0)) }
        let rest = try #require(figures.shareOfRest)
        #expect((shares + [rest]).allSatisfy { (0...1).contains($0) })
        // Rounding of five terms; work that is counted twice would show here.
        #expect(abs(shares.reduce(rest, +) - 1) < 1e-9)
        #expect((figures.share(.optimizer) == 0) == (workload != .train))
        #expect((figures.millisecondsPerDocument == nil) == (workload != .latency))
    }

    @Test func operationsAreThoseOfTheArchitecture() throws {
        // Per token and layer: four square products and two of the feed-forward layer, and in
        // attention two products with each of the document's 12 tokens; a multiply-add is two.
        let products = 2 * (4 * 32 * 32 + 2 * 32 * 64)
        let attention = 2 * 2 * 12 * 32
        let expected = Double(60 * 2 * (products + attention))
        let encoding = try operations(.encode)
        // Rows may be rounded up for the kernels, and the head is small.
        #expect((0.999..<1.25).contains(encoding / expected), "\(encoding) and \(expected)")
        // Backward does every product twice more; of the last layer most is needed for [CLS] alone.
        let training = try operations(.train)
        #expect((1.5..<4).contains(training / expected), "\(training) and \(expected)")
    }

    private func operations(_ workload: BenchmarkCase.Workload) throws -> Double {
        let figures = try benchmark().run(BenchmarkCase(workload, precision: .fp32, threads: 1))
        return try #require(figures.gigaflops) * 1e9 * Double(figures.tokens)
            / figures.tokensPerSecond
    }

    @Test func tokenizingHasNoSharesAndCountsTokens() throws {
        let documents = try documents([("a film", "x"), ("a plot a film", "y")])
        let figures = try benchmark(documents).run(
            BenchmarkCase(.tokenize, precision: nil, threads: 1))
        #expect(figures.documents == 2 && figures.tokens == 4 + 6)
        #expect(figures.seconds.count == 3)
        #expect(figures.gigaflops == nil && figures.shareOfRest == nil)
        #expect(figures.share(.products) == nil && figures.millisecondsPerDocument == nil)
    }

    @Test func trainingLeavesTheModelAsItWas() throws {
        let benchmark = benchmark()
        let workers = Workers(threads: 1)
        let before = benchmark.model.logits(benchmark.documents.tokenized, workers: workers)
        _ = try benchmark.run(BenchmarkCase(.train, precision: .fp32, threads: 2))
        let after = benchmark.model.logits(benchmark.documents.tokenized, workers: workers)
        #expect(before == after)
    }

    @Test func randomModelsAreSeededAndBeginLikeBERT() throws {
        let model = SequenceClassifier(random: Self.configuration, labels: ["0", "1"], seed: 3)
        let again = SequenceClassifier(random: Self.configuration, labels: ["0", "1"], seed: 3)
        let other = SequenceClassifier(random: Self.configuration, labels: ["0", "1"], seed: 4)
        for parameter in model.parameters.all {
            let values = Array(model.parameters[parameter].buffer)
            #expect(values == Array(again.parameters[parameter].buffer))
            if parameter.name.hasSuffix("LayerNorm.weight") {
                #expect(values.allSatisfy { $0 == 1 })
            } else if parameter.shape.count == 1 {
                #expect(values.allSatisfy { $0 == 0 })
            } else {
                #expect(values != Array(other.parameters[parameter].buffer))
                guard values.count > 1_000 else { continue }
                // Five standard errors of 1,000 draws or more.
                let count = Float(values.count)
                let mean = values.reduce(0, +) / count
                let deviation = (values.reduce(0) { $0 + $1 * $1 } / count).squareRoot()
                #expect(abs(mean) < 0.02 * 5 / count.squareRoot(), "\(parameter.name)")
                #expect(abs(deviation / 0.02 - 1) < 5 / (2 * count).squareRoot())
            }
        }
    }

    @Test func shapesAreThoseOfTheModelsTheyAreNamedAfter() {
        let counts = EncoderShape.allCases.map { shape in
            let configuration = shape.configuration
            let model = SequenceClassifier(
                configuration, labels: ["0", "1"], hasPooler: false)
            return model.parameters.count - 2 * (configuration.hiddenSize + 1)
        }
        // What transformers counts for the two checkpoints, without poolers.
        #expect(counts == [22_565_376, 108_891_648])
    }

    @Test func syntheticDocumentsHaveTheLengthThatIsAskedFor() {
        let documents = BenchmarkDocuments(count: 40, tokens: 9, vocabularySize: 50, seed: 2)
        #expect(documents.tokenized.count == 40 && documents.classes.count == 40)
        #expect(documents.tokens == 360 && documents.texts == nil)
        for document in documents.tokenized {
            #expect(document.ids.count == 9 && document.ids.allSatisfy { (0..<50).contains($0) })
            #expect(document.words.count == 7 && !document.isTruncated)
        }
        #expect(Set(documents.classes) == [0, 1])
        let again = BenchmarkDocuments(count: 40, tokens: 9, vocabularySize: 50, seed: 2)
        #expect(again.tokenized == documents.tokenized && again.classes == documents.classes)
    }

    @Test func rowsWithoutWordsAreLeftOutAndMissingLabelsDrawn() throws {
        let rows: [(text: String, label: String?)] =
            [("a film", "y"), (" ", "x"), ("plot", "x"), ("a", "y")]
            + Array(repeating: ("a plot", nil), count: 30)
        let documents = try documents(rows)
        #expect(documents.tokenized.count == 33 && documents.texts?.documents.count == 33)
        #expect(documents.labels == ["x", "y"])
        #expect(Array(documents.classes.prefix(3)) == [1, 0, 1])
        #expect(Set(documents.classes.dropFirst(3)) == [0, 1])
        #expect(try self.documents(rows).classes == documents.classes, "a seed decides")
        #expect(try self.documents(rows, seed: 1).classes != documents.classes)
        let unlabelled = try self.documents(rows.map { ($0.text, nil) })
        #expect(unlabelled.labels == ["0", "1"] && Set(unlabelled.classes) == [0, 1])
        let oneClass = try self.documents([("a", "0"), ("film", "0")])
        #expect(oneClass.labels == ["0", "1"] && oneClass.classes == [0, 0])
    }
}
