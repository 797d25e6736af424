import Classifiers
import Encoders
import Foundation
import Tensors
import TestSupport
import Tokenization

/// A classifier with random weights and a vocabulary of single letters, so that it can read any
/// lower-case word.
enum TinyClassifier {
    /// A classifier; the same for the same seed.
    static func make(seed: UInt64 = 1) throws -> RationaleClassifier {
        let letters = "abcdefghijklmnopqrstuvwxyz".map(String.init)
        let vocabulary =
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + letters + letters.map { "##" + $0 }
        let folder = try TemporaryFolder()
        try folder.file("vocab.txt", vocabulary.joined(separator: "\n") + "\n")

        var configuration = EncoderConfiguration(
            hiddenSize: 32, layers: 2, heads: 2, intermediateSize: 64,
            vocabularySize: vocabulary.count, maximumLength: 64)
        configuration.labels = ["negative", "positive"]
        let model = SequenceClassifier(configuration).randomized(seed: seed, range: 0.3)
        return RationaleClassifier(
            model: model, tokenizer: try openTokenizer(folder: folder.url),
            window: WindowSize(length: 64, stride: 40))
    }
}
