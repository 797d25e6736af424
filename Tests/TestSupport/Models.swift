package import Encoders
import Randomness

extension EncoderConfiguration {
    /// The same shape for an encoder of another family, with what differs there.
    package func adapted(to family: EncoderFamily) -> EncoderConfiguration {
        var adapted = self
        adapted.family = family
        if family == .roberta {
            adapted.segments = 1
            adapted.paddingTokenID = 1
            adapted.layerNormEpsilon = 1e-5
        } else if family == .distilbert {
            adapted.segments = 0
        }
        return adapted
    }
}

extension EncoderModel {
    /// The same model with random weights from `-range...range`, the same for the same seed, and
    /// normalisations as they are at first.
    package func randomized(seed: UInt64, range: Float) -> Self {
        var generator = SeededGenerator(seed: seed)
        for parameter in parameters.all {
            let tensor = parameters[parameter]
            // LayerNorm.weight, and DistilBERT's sa_layer_norm.weight.
            let isNorm = parameter.name.lowercased().hasSuffix("norm.weight")
            for index in 0..<tensor.count {
                tensor.pointer[index] =
                    isNorm ? 1 : Float.random(in: -range...range, using: &generator)
            }
        }
        return self
    }
}
