import Encoders
import Errors
import Models
import Optimization
import Randomness
import Tensors
import Tokenization
import Training

/// Measures how fast a model works on documents, and what the time goes to.
package struct Benchmark: Sendable {
    /// What works; training changes copies of it.
    package let model: SequenceClassifier
    /// What is worked on.
    package let documents: BenchmarkDocuments
    /// Documents in a training step.
    package let batchSize: Int
    /// How many measured passes over all documents follow an unmeasured one.
    package let repetitions: Int

    /// A benchmark that has not begun.
    package init(
        model: SequenceClassifier, documents: BenchmarkDocuments, batchSize: Int = 32,
        repetitions: Int = 3
    ) {
        precondition(!documents.tokenized.isEmpty, "there is nothing to work on")
        precondition(batchSize > 0 && repetitions > 0, "at least one of each")
        self.model = model
        self.documents = documents
        self.batchSize = batchSize
        self.repetitions = repetitions
    }

    /// Measures one case.
    ///
    /// - Parameters:
    ///   - measured: `bf16` only where `Precision.hasFastBF16`, `tokenize` only where there are texts.
    ///   - report: called with each repetition's number before it begins; 0 is the unmeasured one.
    /// - Throws: `WarrantError` where training diverges, `EncoderError` where weights are damaged, and
    ///   what `report` throws.
    package func run(
        _ measured: BenchmarkCase, report: (Int) throws -> Void = { _ in }
    ) throws -> BenchmarkMeasurements {
        let workers = Workers(threads: measured.threads, precision: measured.precision ?? .fp32)
        let pass = pass(measured.workload, workers)
        var figures = BenchmarkMeasurements(
            measured, documents: documents.tokenized.count, tokens: documents.tokens)
        // Memory is taken, and primitives are made, on the first pass.
        try report(0)
        _ = try pass()
        for repetition in 1...repetitions {
            try report(repetition)
            var outcome = Outcome()
            var seconds = 0.0
            let profile = try workers.profile {
                let start = ContinuousClock.now
                outcome = try pass()
                seconds = (ContinuousClock.now - start) / .seconds(1)
            }
            figures.add(seconds: seconds, documents: outcome.documentSeconds, profile)
        }
        return figures
    }

    /// What a pass leaves, kept until its time was taken.
    private struct Outcome {
        var values: [[Float]] = []
        var tokenized: [TokenizedDocument] = []
        var documentSeconds: [Double] = []
    }

    /// One pass over all documents.
    private func pass(
        _ workload: BenchmarkCase.Workload, _ workers: Workers
    ) -> () throws -> Outcome {
        switch workload {
        case .tokenize: { try tokenize(workers) }
        case .encode: { encode(workers) }
        case .latency: { try answerOneByOne(workers) }
        case .train: trainingPass(workers)
        }
    }

    private func tokenize(_ workers: Workers) throws -> Outcome {
        guard let texts = documents.texts else {
            preconditionFailure("synthetic documents have no texts")
        }
        return Outcome(
            tokenized: try texts.tokenizer.chunks(
                texts.documents, ChunkSize(length: texts.maximumLength, stride: nil),
                workers: workers
            ).map { $0.chunks[0] })
    }

    private func encode(_ workers: Workers) -> Outcome {
        Outcome(values: model.encode(documents.tokenized, workers: workers))
    }

    private func answerOneByOne(_ workers: Workers) throws -> Outcome {
        var outcome = Outcome()
        for document in documents.tokenized {
            let start = ContinuousClock.now
            let logits = model.logits([document], workers: workers)
            outcome.documentSeconds.append((ContinuousClock.now - start) / .seconds(1))
            try Logits.check(logits[0], of: "the model")
        }
        return outcome
    }

    /// A pass that goes on training where the last one ended.
    private func trainingPass(_ workers: Workers) -> () throws -> Outcome {
        let options = TrainingOptions()
        let lengths = documents.tokenized.map(\.ids.count)
        // So far from its end, the schedule stays at its peak.
        let schedule = LearningRateSchedule(
            peak: options.recipe.learningRate, warmup: 0, totalSteps: 1 << 40)
        var generator = SeededGenerator(seed: options.seed, stream: "order")
        let labelled = LabelledDocuments(
            documents: documents.tokenized.map { ChunkedDocument(chunks: [$0]) },
            labels: documents.classes)
        var steps = TrainingSteps(
            model.copy(),
            ClassificationTask(
                train: labelled, dev: labelled,
                classWeights: ClassWeights.none.weights(
                    of: documents.classes, count: documents.labels.count)), schedule: schedule,
            weightDecay: options.recipe.weightDecay, seed: options.seed, workers: workers)
        return {
            for batch in BatchOrder.batches(
                lengths: lengths, batchSize: batchSize, using: &generator)
            {
                let (loss, norm) = steps.take(batch)
                guard loss.isFinite && norm.isFinite else {
                    throw WarrantError(
                        .failed,
                        "training diverged at step \(steps.count): loss \(loss), gradient norm "
                            + "\(norm)")
                }
            }
            steps.synchronize()
            return Outcome()
        }
    }
}
