import Encoders
import Randomness

/// Well-known encoder shapes, to measure without a checkpoint.
package enum EncoderShape: String, Sendable, CaseIterable {
    /// `all-MiniLM-L6-v2`: 6 layers, 384 wide.
    case minilm
    /// `bert-base-uncased`: 12 layers, 768 wide.
    case bertBase = "bert-base"

    /// Sizes, with BERT's English vocabulary and 512 positions.
    package var configuration: EncoderConfiguration {
        switch self {
        case .minilm:
            EncoderConfiguration(
                hiddenSize: 384, layers: 6, heads: 12, intermediateSize: 1_536,
                vocabularySize: 30_522, maximumLength: 512)
        case .bertBase:
            EncoderConfiguration(
                hiddenSize: 768, layers: 12, heads: 12, intermediateSize: 3_072,
                vocabularySize: 30_522, maximumLength: 512)
        }
    }
}

extension SequenceClassifier {
    /// A model as BERT begins: weights near normal with the configuration's range, LayerNorm's 1,
    /// biases 0.
    package convenience init(
        random configuration: EncoderConfiguration, labels: [String], seed: UInt64
    ) {
        self.init(configuration, labels: labels)
        var generator = SeededGenerator(seed: seed)
        for parameter in parameters.all {
            let tensor = parameters[parameter]
            let values = UnsafeMutableBufferPointer(start: tensor.pointer, count: tensor.count)
            if parameter.name.hasSuffix("LayerNorm.weight") {
                values.update(repeating: 1)
            } else if parameter.shape.count > 1 {
                for index in values.indices {
                    values[index] = generator.nearNormal() * configuration.initializerRange
                }
            }
        }
    }
}

extension SeededGenerator {
    /// The sum of four uniform numbers, with mean 0 and standard deviation 1: near enough to normal
    /// for weights that nobody reads, and quick to draw a hundred million times.
    fileprivate mutating func nearNormal() -> Float {
        let bits = next()
        let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + bits >> 48
        // Four numbers from 0 to 65535: mean 2 · 65535, variance 4 · 65536² / 12.
        return (Float(sum) - 131_070) / 37_837.2
    }
}
