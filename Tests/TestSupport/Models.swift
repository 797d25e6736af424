package import Encoders

extension SequenceClassifier {
    /// The same model with random weights from `-range...range`, the same for the same seed, and
    /// normalisations as they are at first.
    package func randomized(seed: UInt64, range: Float) -> SequenceClassifier {
        var generator = SeededGenerator(seed: seed)
        for parameter in parameters.all {
            let tensor = parameters[parameter]
            let isNorm = parameter.name.hasSuffix("LayerNorm.weight")
            for index in 0..<tensor.count {
                tensor.pointer[index] =
                    isNorm ? 1 : Float.random(in: -range...range, using: &generator)
            }
        }
        return self
    }
}
