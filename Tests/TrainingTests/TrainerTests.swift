import Optimization
import Randomness
import Synchronization
import TestSupport
import Testing
import Warrant

/// The trainer on a BERT of two layers, and on few documents of random letters.
@Suite struct TrainerTests {
    /// Classes by a document's first token, with a chosen metric for each epoch in place of F1.
    private struct Task: FineTuningTask {
        let base: ClassificationTask
        /// What is measured, in order, again and again; nil: macro-F1.
        var figures: [Double]?
        let measured = Counter()

        var documents: [ChunkedDocument] { base.documents }

        func pass(
            _ model: SequenceClassifier, _ numbers: [Int], chunks: [Range<Int>],
            _ batch: PackedBatch, weight: Double, on tape: Tape
        ) -> [Double] {
            base.pass(model, numbers, chunks: chunks, batch, weight: weight, on: tape)
        }

        func measure(_ model: SequenceClassifier, workers: Workers) throws -> Double {
            let number = measured.next()
            guard let figures else { return try base.measure(model, workers: workers).macroF1 }
            return figures[number % figures.count]
        }

        func metric(_ score: Double) -> Double { score }
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)
        func next() -> Int {
            count.withLock { count in
                defer { count += 1 }; return count
            }
        }
    }

    private struct Stop: Error {}

    private let task: Task
    private var recipe = TrainingRecipe()

    init() {
        var generator = SeededGenerator(seed: 6, stream: "documents")
        func documents(_ count: Int) -> LabelledDocuments {
            let labels = (0..<count).map { $0 % 2 }
            return LabelledDocuments(
                documents: labels.map { label in
                    let length = 3 + generator.below(9)
                    let ids = (0..<length).map { Int32($0 == 0 ? 1 + label : generator.below(40)) }
                    return ChunkedDocument(chunks: [
                        TokenizedDocument(
                            ids: ids, segmentIDs: ids.map { _ in 0 },
                            offsets: ids.indices.map { $0..<($0 + 1) },
                            wordIndices: ids.indices.map { Int32($0) },
                            words: ids.indices.map { $0..<($0 + 1) }, readWords: length)
                    ])
                }, labels: labels)
        }
        task = Task(
            base: ClassificationTask(
                train: documents(22), dev: documents(10), classWeights: [1, 1]))
        recipe.epochs = 3
        recipe.batchSize = 4
        recipe.learningRate = 1e-2
    }

    /// The model that every training starts from.
    private func model(dropout: Double = 0.1) -> SequenceClassifier {
        var configuration = EncoderConfiguration(
            hiddenSize: 16, layers: 2, heads: 2, intermediateSize: 32, vocabularySize: 40,
            maximumLength: 16)
        configuration.hiddenDropout = Float(dropout)
        configuration.attentionDropout = Float(dropout)
        return SequenceClassifier(configuration, labels: ["no", "yes"]).randomized(
            seed: 4, range: 0.3)
    }

    private func trainer(
        _ recipe: TrainingRecipe, seed: UInt64 = 1, threads: Int = 1, format: FloatFormat = .f32
    ) -> Trainer {
        Trainer(
            recipe: recipe, seed: seed, weightFormat: format, workers: Workers(threads: threads),
            stage: .support)
    }

    private func values(_ model: SequenceClassifier) -> [[Float]] {
        model.parameters.all.map { model.parameters[$0].values }
    }

    // MARK: What a step depends on

    @Test func trainingLearnsAndItsBitsDoNotDependOnThreads() throws {
        var recipe = recipe
        recipe.epochs = 8
        let one = try trainer(recipe).run(model(), task)
        let three = try trainer(recipe, threads: 3).run(model(), task)
        #expect(values(one.model) == values(three.model))
        #expect(one.loss == three.loss && one.epoch == three.epoch)
        #expect(one.loss.last < one.loss.first / 2, "\(one.loss)")
        #expect(one.dev > 0.9, "\(one.dev)")
    }

    @Test func seedDropoutAndEachSettingMatter() throws {
        func trained(
            _ change: (inout TrainingRecipe) -> Void, seed: UInt64 = 1, dropout: Double = 0.1
        ) throws -> [[Float]] {
            var recipe = recipe
            recipe.epochs = 1
            change(&recipe)
            return values(try trainer(recipe, seed: seed).run(model(dropout: dropout), task).model)
        }
        let plain = try trained { _ in }
        #expect(try plain == trained { _ in })
        #expect(try plain != trained({ _ in }, seed: 2))
        #expect(try plain != trained({ _ in }, dropout: 0))
        #expect(try plain != trained { $0.warmup = 0.5 })
        #expect(try plain != trained { $0.learningRate = 1.1e-2 })
        #expect(try plain != trained { $0.weightDecay = 0.1 })
        #expect(try plain != trained { $0.batchSize = 5 })
    }

    @Test func theRateRisesFromZeroAndTheLastStepIsSmall() throws {
        // A step's rate is that of its number: at the first there is no change, whatever the gradient.
        let model = model()
        let before = values(model)
        var steps = TrainingSteps(
            model, task, schedule: LearningRateSchedule(peak: 1e-2, warmup: 0.5, totalSteps: 4),
            weightDecay: 0.01, seed: 1, workers: Workers(threads: 1))
        var changes: [Float] = []
        var last = before
        for _ in 0..<4 {
            let (loss, norm) = steps.take([0, 1, 2, 3])
            #expect(loss > 0 && norm > 0)
            steps.synchronize()
            let now = values(model)
            changes.append(
                zip(last.joined(), now.joined()).reduce(0) { max($0, abs($1.0 - $1.1)) })
            last = now
        }
        #expect(steps.count == 4)
        #expect(changes[0] == 0)
        #expect(changes[1] > 0.003 && changes[2] > changes[1] && changes[3] < changes[2])
    }

    @Test func gradientsAreClippedAtNormOne() throws {
        // After one step the first moment is a tenth of the gradient as it was clipped.
        for weight in [0.01, 50.0] {
            let model = model(dropout: 0)
            let task = ClassificationTask(
                train: self.task.base.train, dev: self.task.base.dev,
                classWeights: [weight, weight])
            var steps = TrainingSteps(
                model, task, schedule: LearningRateSchedule(peak: 1e-2, warmup: 0, totalSteps: 9),
                weightDecay: 0, seed: 1, workers: Workers(threads: 1))
            let norm = steps.take([0, 1, 2, 3]).norm
            steps.synchronize()
            let moments = model.parameters.all.flatMap {
                steps.optimizer.state(of: $0)[0].values.values
            }
            let length = moments.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect((norm > 1) == (weight > 1))
            // Single precision, and the 1e-6 that is added to the norm.
            #expect(abs(length - 0.1 * min(1, norm)) < 1e-5 * min(1, norm))
        }
    }

    // MARK: Epochs and hooks

    @Test func theFirstOfTheBestEpochsIsKept() throws {
        var ends: [[[Float]]] = []
        var task = task
        task.figures = [0.5, 0.75, 0.75]
        let start = model()
        let hooks = TrainingHooks(afterEpoch: { state in
            ends.append(state.parameters.all.map { state.parameters[$0].values })
            #expect(state.isEnd == (ends.count == 3))
        })
        let outcome = try trainer(recipe).run(start, task, hooks: hooks)
        #expect(outcome.epoch == 2 && outcome.dev == 0.75)
        #expect(values(outcome.model) == ends[1])
        #expect(ends[1] != ends[2] && values(start) == ends[2])
    }

    @Test func whatIsReturnedIsWhatWillBeStored() throws {
        let full = try trainer(recipe).run(model(), task)
        let rounded = try trainer(recipe, format: .bf16).run(model(), task)
        full.model.parameters.round(to: .bf16)
        #expect(values(full.model) == values(rounded.model))
    }

    @Test func hooksAreCalledAfterEachStepAndEpochInOrder() throws {
        var calls: [String] = []
        _ = try trainer(recipe).run(
            model(), task,
            hooks: TrainingHooks(
                afterStep: { state in
                    calls.append("\(state.position.epoch).\(state.position.batch)")
                    #expect(state.progress.documents == state.position.documents)
                    #expect((state.best == nil) == (state.position.epoch == 1))
                },
                afterEpoch: { state in
                    calls.append("end \(state.progress.epoch)")
                    #expect(state.progress.isEpochEnd && state.progress.documents == 22)
                    #expect(state.best != nil && state.position.batch == 0)
                }))
        let expected = (1...3).flatMap { epoch in
            (1...6).map { "\(epoch).\($0)" } + ["end \(epoch)"]
        }
        #expect(calls == expected)
    }

    @Test func whatAHookThrowsEndsTheTraining() throws {
        var steps = 0
        #expect(throws: Stop.self) {
            try trainer(recipe).run(
                model(), task,
                hooks: TrainingHooks(afterStep: { state in
                    steps = state.position.steps
                    if steps == 8 { throw Stop() }
                }))
        }
        #expect(steps == 8)
    }

    // MARK: Going on

    /// What a training has kept, in memory.
    private func kept(_ state: TrainingState) -> SavedTraining {
        func values(_ tensor: (Parameter) -> Tensor) -> [[Float]] {
            state.parameters.all.map { tensor($0).values }
        }
        func put(_ values: [[Float]], _ parameters: Parameters, _ place: (Parameter) -> Tensor) {
            for (parameter, values) in zip(parameters.all, values) {
                place(parameter).pointer.update(from: values, count: values.count)
            }
        }
        state.optimizer.synchronize()
        let now = values { state.parameters[$0] }
        let first = values { state.optimizer.state(of: $0)[0].values }
        let second = values { state.optimizer.state(of: $0)[1].values }
        let best = state.best.map { best in best.all.map { best[$0].values } } ?? []
        return SavedTraining(
            position: state.position,
            read: { parameters, optimizer in
                put(now, parameters) { parameters[$0] }
                put(first, parameters) { optimizer.state(of: $0)[0].values }
                put(second, parameters) { optimizer.state(of: $0)[1].values }
            }, readBest: { parameters in put(best, parameters) { parameters[$0] } },
            damage: { WarrantError(.badData, $0) })
    }

    @Test func aTrainingThatGoesOnFromAnyStepEndsInTheSameBits() throws {
        let whole = try trainer(recipe).run(model(), task)
        var saved: [SavedTraining] = []
        // Keeping it changes nothing.
        let watched = try trainer(recipe).run(
            model(), task,
            hooks: TrainingHooks(
                afterStep: { saved.append(kept($0)) }, afterEpoch: { saved.append(kept($0)) }))
        #expect(values(watched.model) == values(whole.model))
        #expect(saved.count == 21)
        for saved in saved {
            let resumed = try trainer(recipe, threads: 2).run(model(), task, from: saved)
            #expect(
                values(resumed.model) == values(whole.model), "after \(saved.position.steps) steps")
            #expect(resumed.epoch == whole.epoch && resumed.dev == whole.dev)
            #expect(resumed.loss == whole.loss)
        }
    }

    @Test func aPositionOrAScoreThatDoesNotFitIsRefused() throws {
        var states: [SavedTraining] = []
        _ = try trainer(recipe).run(
            model(), task, hooks: TrainingHooks(afterEpoch: { states.append(kept($0)) }))
        func refuse(
            _ what: String, _ change: (inout TrainingPosition) -> Void
        ) {
            var position = states[0].position
            change(&position)
            let saved = SavedTraining(
                position: position, read: states[0].read, readBest: states[0].readBest,
                damage: states[0].damage)
            #expect(throws: WarrantError.self, "\(what)") {
                try trainer(recipe).run(model(), task, from: saved)
            }
        }
        refuse("epoch") { $0.epoch = 5 }
        refuse("no epoch") { $0.epoch = 0 }
        refuse("batch") { $0.batch = 7 }
        refuse("steps") { $0.batch = 1 }
        refuse("best") { $0.best = nil }
        refuse("best epoch") { $0.best?.epoch = 2 }
        refuse("score") { $0.best?.metric -= 0.25 }
    }

    @Test func divergenceNamesStageStepAndRemedy() throws {
        var recipe = recipe
        recipe.learningRate = 1e30
        let error = try #require(throws: WarrantError.self) {
            try trainer(recipe).run(model(), task)
        }
        #expect(error.kind == .failed)
        #expect(error.problem.contains("support") && error.problem.contains("learning rate"))
    }
}
