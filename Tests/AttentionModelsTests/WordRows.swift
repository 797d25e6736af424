import AttentionModels
import Encoders
import Randomness
import Warrant

/// Rows whose class is told by some of their words.
enum WordRows {
    private static let words = [
        ["dull", "lifeless", "bad", "cold", "slow"], ["good", "bright", "warm", "funny", "sharp"],
        ["strange", "odd", "long", "plain", "quiet"],
    ]
    private static let others = [
        "a", "the", "film", "story", "actor", "plot", "is", "and", ",", ".",
    ]

    /// Rows from a seed.
    static func rows(
        _ count: Int, classes: Int = 2, queries: Bool = false, seed: UInt64 = 1
    ) -> [Example] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { number in
            let label = number % classes
            var text = (0..<(3 + generator.below(9))).map { _ in
                others[generator.below(others.count)]
            }
            for _ in 0..<2 {
                text.insert(words[label][generator.below(5)], at: generator.below(text.count))
            }
            return Example(
                id: "\(number)", text: text.joined(separator: " "),
                query: queries ? "what is the \(others[2 + generator.below(4)]) like" : nil,
                label: "class \(label)",
                location: SourceLocation(file: "rows", line: number + 1))
        }
    }

    /// Rows to train on, and others to measure on.
    static func data(
        _ count: Int = 80, classes: Int = 2, queries: Bool = false
    ) throws -> TrainingData {
        try TrainingData(
            train: rows(count, classes: classes, queries: queries),
            dev: rows(24, classes: classes, queries: queries, seed: 2),
            test: rows(20, classes: classes, queries: queries, seed: 3), seed: 0)
    }

    /// A small model of a kind.
    static func options(
        _ encoder: String, _ attention: AttentionScore, epochs: Int = 3
    ) -> AttentionOptions {
        var options = AttentionOptions()
        options.encoder = encoder
        options.attention = attention
        options.embeddingSize = 12
        options.hiddenSize = 8
        options.epochs = epochs
        options.batchSize = 16
        options.learningRate = 0.01
        options.seed = 5
        return options
    }
}
