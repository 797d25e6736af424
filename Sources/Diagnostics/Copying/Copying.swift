import Encoders
import Randomness
import Tensors

/// Trains models to copy: does attention learn which position to copy, and is it learned at all where
/// co-occurrence says nothing (Snell et al. 2021, section 5.2)?
package enum Copying {
    /// Texts of a shard. Part of the results' bits, whatever the number of threads.
    private static let shardTexts = 32

    /// One training for each seed.
    ///
    /// - Parameter progress: is called after every evaluation with the seed and the point.
    package static func run(
        _ options: CopyingOptions, seeds: [UInt64], workers: Workers,
        progress: (UInt64, CopyingPoint) -> Void = { _, _ in }
    ) -> CopyingResult {
        CopyingResult(
            options: options,
            runs: seeds.map { seed in
                train(options, seed: seed, workers: workers) { progress(seed, $0) }.run
            })
    }

    /// One training.
    ///
    /// - Returns: its curve, and the model at the end.
    package static func train(
        _ options: CopyingOptions, seed: UInt64, workers: Workers,
        progress: (CopyingPoint) throws -> Void = { _ in }
    ) rethrows -> (run: CopyingRun, model: SequenceToSequence) {
        let model = SequenceToSequence(
            SequenceToSequence.Shape(
                vocabularySize: options.texts.vocabularySize, hiddenSize: options.hiddenSize,
                isBidirectional: options.isBidirectional))
        model.initialize(seed: seed)
        let attention: SequenceToSequence.Attention = options.isUniform ? .uniform : .learned
        let optimizer = AdamSteps(
            model.parameters, rate: options.learningRate, workers: workers)
        var batches = SeededGenerator(seed: seed, stream: "texts to copy")
        var fresh = SeededGenerator(seed: seed, stream: "texts of evaluations")
        var curve: [CopyingPoint] = []
        func evaluate(_ step: Int, _ loss: Double?) throws {
            optimizer.synchronize()
            let pairs = options.texts.draw(options.evaluationTexts, from: &fresh)
            let traces = model.trace(
                pairs, attention, relevance: options.measuresRelevance, workers: workers)
            let point = Self.point(step, loss, pairs, traces)
            curve.append(point)
            try progress(point)
        }
        try evaluate(0, nil)
        for step in stride(from: 1, through: options.steps, by: 1) {
            let pairs = options.texts.draw(options.batchSize, from: &batches)
            let loss = optimizer.step(pairs.count, shardSize: shardTexts) { range, tape in
                model.trainingPass(
                    PackedPairs(pairs[range]), attention, weight: 1 / Double(pairs.count),
                    on: tape)
            }
            if step % options.evaluationInterval == 0 || step == options.steps {
                try evaluate(step, loss)
            }
        }
        let run = CopyingRun(
            seed: seed, curve: curve,
            dictionaryAccuracy: dictionaryAccuracy(options, seed: seed, workers: workers))
        return (run, model)
    }

    /// The shares of an evaluation.
    private static func point(
        _ step: Int, _ loss: Double?, _ pairs: [SequencePair], _ traces: [SequenceToSequenceTrace]
    ) -> CopyingPoint {
        var (words, right, symbols, exact, near, relevant) = (0, 0, 0, 0, 0, 0)
        var hasRelevance = false
        for (pair, trace) in zip(pairs, traces) {
            words += pair.words.count
            right += zip(pair.words, trace.predictions).count { Int($0) == $1 }
            // The end symbol is no position to be copied.
            let positions = 0..<(pair.words.count - 1)
            symbols += positions.count
            for position in positions {
                let place = trace.attention[position].indexOfLargest
                exact += place == position ? 1 : 0
                near += abs(place - position) <= 1 ? 1 : 0
            }
            guard let relevance = trace.relevance else { continue }
            hasRelevance = true
            relevant += positions.count { position in
                let row = relevance[position]
                let best = row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 }
                return pair.source[best] == pair.source[position]
            }
        }
        func share(_ count: Int, of all: Int) -> Double { Double(count) / Double(max(1, all)) }
        return CopyingPoint(
            step: step, trainingLoss: loss, accuracy: share(right, of: words),
            attentionAccuracy: share(exact, of: symbols),
            attentionAccuracyWithinOne: share(near, of: symbols),
            relevanceAccuracy: hasRelevance ? share(relevant, of: symbols) : nil)
    }

    /// The share of symbols that a dictionary, trained on the batches of the same seed, maps to
    /// themselves.
    package static func dictionaryAccuracy(
        _ options: CopyingOptions, seed: UInt64, workers: Workers
    ) -> Double {
        let dictionary = TranslationDictionary(
            vocabularySize: options.texts.vocabularySize, embeddingSize: options.hiddenSize)
        dictionary.initialize(seed: seed)
        let optimizer = AdamSteps(
            dictionary.parameters, rate: options.learningRate, workers: workers)
        var batches = SeededGenerator(seed: seed, stream: "texts to copy")
        for _ in 0..<options.steps {
            let pairs = options.texts.draw(options.batchSize, from: &batches)
            _ = optimizer.step(pairs.count, shardSize: shardTexts) { range, tape in
                dictionary.trainingPass(
                    PackedPairs(pairs[range]), weight: 1 / Double(pairs.count), on: tape)
            }
        }
        optimizer.synchronize()
        let relevance = dictionary.relevance(workers: workers)
        let symbols = 0..<options.texts.symbols
        let right = symbols.count { word in
            symbols.allSatisfy { $0 == word || relevance[word][$0] < relevance[word][word] }
        }
        return Double(right) / Double(symbols.count)
    }
}
