import Diagnostics
import Encoders
import Randomness
import Tensors
import Testing

@Suite("Copying")
struct CopyingTests {
    /// Sizes at which a training takes a second, even in a debug build.
    private func options(_ texts: CopyingTexts) -> CopyingOptions {
        var options = CopyingOptions(texts)
        options.hiddenSize = 16
        options.steps = 4
        options.batchSize = 40
        options.evaluationInterval = 3
        options.evaluationTexts = 6
        return options
    }

    @Test("texts are permutations, subsets, or independent draws, between start and end")
    func texts() {
        var generator = SeededGenerator(seed: 1)
        for pair in CopyingTexts.permutations.draw(5, from: &generator) {
            #expect(pair.source.dropLast().sorted() == (0..<40).map { Int32($0) })
            #expect(pair.source.last == 40)
            #expect(pair.target == [41] + pair.source)
        }
        for pair in CopyingTexts.subsets.draw(5, from: &generator) {
            let symbols = pair.source.dropLast()
            #expect(symbols.count == 40 && Set(symbols).count == 40)
            #expect(symbols.allSatisfy { $0 < 60 } && symbols.contains { $0 >= 40 })
            #expect(pair.source.last == 60 && pair.target.first == 61)
        }
        var counts = [Int](repeating: 0, count: 40)
        let drawn = CopyingTexts.independent.draw(100, from: &generator)
        for pair in drawn { for symbol in pair.source.dropLast() { counts[Int(symbol)] += 1 } }
        // 4,000 draws: 100 each, with a standard deviation of 10.
        #expect(counts.reduce(0, +) == 4_000 && counts.allSatisfy { $0 > 50 && $0 < 150 })
        #expect(drawn.contains { Set($0.source).count < 41 }, "symbols repeat")
    }

    @Test("points are before the first step, at intervals, and after the last") func points() {
        let result = Copying.run(
            options(CopyingTexts(symbols: 6, length: 5, repeats: true)), seeds: [0, 1],
            workers: Workers(threads: 1))
        #expect(result.runs.map(\.seed) == [0, 1])
        for run in result.runs {
            #expect(run.curve.map(\.step) == [0, 3, 4])
            #expect(run.curve.map { $0.trainingLoss == nil } == [true, false, false])
            #expect(
                run.curve.allSatisfy { $0.attentionAccuracyWithinOne >= $0.attentionAccuracy })
        }
        #expect(result.runs[0].curve != result.runs[1].curve)
    }

    @Test("the same seed gives the same numbers on any number of threads") func threads() throws {
        let options = options(CopyingTexts(symbols: 6, length: 5, repeats: true))
        let runs = try [1, 3].map { threads in
            let (run, model) = try Copying.train(
                options, seed: 5, workers: Workers(threads: threads))
            return (run, model.parameters.all.map { model.parameters[$0].values })
        }
        #expect(runs[0].0 == runs[1].0)
        #expect(runs[0].1 == runs[1].1)
    }

    @Test("a model learns to copy by attending to the position") func learns() throws {
        var options = options(CopyingTexts(symbols: 5, length: 4, repeats: true))
        options.hiddenSize = 32
        options.steps = 150
        options.evaluationInterval = 150
        options.learningRate = 1e-2
        let run = try Copying.train(options, seed: 1, workers: Workers(threads: 2)).run
        #expect(run.accuracy > 0.95)
        #expect(run.outcome == .success)
        #expect((run.curve.last?.trainingLoss ?? 9) < 0.2)
        #expect((run.curve.first?.accuracy ?? 1) < 0.6)
        #expect(run.dictionaryAccuracy > 0.9, "repetition leaves co-occurrence to be learned")
        options.isUniform = true
        options.steps = 1
        let uniform = try Copying.train(options, seed: 1, workers: Workers(threads: 2)).run
        // The first of equal weights is the first position of four.
        #expect(uniform.curve.allSatisfy { $0.attentionAccuracy == 0.25 })
    }

    @Test("outcomes follow the accuracy at the end") func outcomes() {
        func run(_ accuracy: Double) -> CopyingRun {
            CopyingRun(
                seed: 0,
                curve: [
                    CopyingPoint(
                        step: 0, accuracy: accuracy, attentionAccuracy: 0,
                        attentionAccuracyWithinOne: 0)
                ], dictionaryAccuracy: 0)
        }
        #expect(
            [0.951, 0.95, 0.6, 0.599].map { run($0).outcome }
                == [.success, .between, .between, .failure])
        let result = CopyingResult(
            options: CopyingOptions(.permutations), runs: [run(1), run(0), run(0.97)])
        #expect(result.count(.success) == 2 && result.count(.failure) == 1)
    }

    @Test("words that occur together are counted") func cooccurrences() {
        // this movie is great bad; dieser Film ist großartig schlecht.
        let pairs = [
            SequencePair(source: [0, 1, 2, 3], target: [9, 5, 6, 7, 8]),
            SequencePair(source: [0, 1, 2, 4], target: [9, 5, 6, 7, 4]),
        ]
        let table = Cooccurrences(pairs, vocabularySize: 10)
        #expect(Array(table.counts[5][..<5]) == [2, 2, 2, 1, 1])
        #expect(Array(table.counts[8][..<5]) == [1, 1, 1, 1, 0])
        #expect(Array(table.counts[4][..<5]) == [1, 1, 1, 0, 1])
        #expect(table.counts[9].allSatisfy { $0 == 0 }, "the start symbol is no word")
        #expect(table.best(of: 6) == [0, 1, 2])
    }

    @Test("of permutations every word meets every other one equally often") func nothingToLearn() {
        var generator = SeededGenerator(seed: 2)
        let texts = CopyingTexts(symbols: 6, length: 6, repeats: false)
        let table = Cooccurrences(
            texts.draw(10, from: &generator), vocabularySize: texts.vocabularySize)
        #expect(table.counts[..<6].allSatisfy { $0[..<6].allSatisfy { $0 == 10 } })
    }
}
