import Classifiers
import Encoders
import TestSupport
import Tokenization

/// A classifier with random weights and a vocabulary of single letters, so that it can read any
/// lower-case word.
enum TinyClassifier {
    /// A classifier; the same for the same seed.
    ///
    /// - Parameter range: how large weights are: with small ones it hardly prefers any class.
    static func make(seed: UInt64 = 1, range: Float = 0.3) throws -> RationaleClassifier {
        let configuration = EncoderConfiguration(
            hiddenSize: 32, layers: 2, heads: 2, intermediateSize: 64,
            vocabularySize: Letters.vocabulary.count, maximumLength: 64)
        let model = SequenceClassifier(configuration, labels: ["negative", "positive"]).randomized(
            seed: seed, range: range)
        return RationaleClassifier(
            model: model, tokenizer: try Letters.tokenizer(),
            chunk: ChunkSize(length: 64, stride: 40))
    }
}
