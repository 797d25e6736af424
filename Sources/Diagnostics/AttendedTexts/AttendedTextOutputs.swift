import Encoders

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What the classifier gives for weights of a text's words, in double precision.
extension AttendedText {
    /// The model's own weights.
    package var ownWeights: [Double] { attention.map { Double($0) } }

    /// The logits [outputs] of weights.
    ///
    /// - Parameter weights: [words]; they need not sum to 1.
    /// - Complexity: O(words · width).
    package func logits(_ weights: [Double]) -> [Double] {
        logits(context: context(weights))
    }

    /// The probability of each class for weights: softmax of the logits, or 1 - σ and σ of the only
    /// one.
    package func probabilities(_ weights: [Double]) -> [Double] {
        Self.probabilities(logits: logits(weights))
    }

    /// The class that logits predict: the first of the largest, or of one logit class 1 where σ is above
    /// ½.
    package static func predictedClass(logits: [Double]) -> Int {
        guard logits.count > 1 else { return logits[0] > 0 ? 1 : 0 }
        return logits.indices.reduce(0) { logits[$1] > logits[$0] ? $1 : $0 }
    }

    /// The probability of each class, of logits.
    package static func probabilities(logits: [Double]) -> [Double] {
        guard logits.count > 1 else { return [-logits[0], logits[0]].map { 1 / (1 + exp(-$0)) } }
        let largest = logits.reduce(-.infinity, max)
        let powers = logits.map { exp($0 - largest) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    /// The gradient of the predicted class's probability with respect to each weight, taken as a
    /// variable of its own after the softmax (Serrano & Smith 2019, section 4.2).
    ///
    /// - Parameter weights: where it is taken [words].
    /// - Complexity: O(words · width).
    package func probabilityGradient(_ weights: [Double]) -> [Double] {
        let context = context(weights)
        let logits = logits(context: context)
        let p = Self.probabilities(logits: logits)
        let best = Self.predictedClass(logits: logits)
        // With respect to the logits.
        let outer: [Double] =
            outputs == 1
            ? [best == 1 ? p[0] * p[1] : -p[0] * p[1]]
            : p.indices.map { $0 == best ? p[best] * (1 - p[best]) : -p[best] * p[$0] }
        var seed = outer
        if let inner {
            seed = context.indices.map { column in
                let t = tanh(context[column] + Double(inner.offset[column]))
                let sum = outer.indices.reduce(0) {
                    $0 + outer[$1] * Double(inner.output[$1 * width + column])
                }
                return sum * (1 - t * t)
            }
        }
        return (0..<words).map { word in
            seed.indices.reduce(0) { $0 + seed[$1] * Double(values[word * width + $1]) }
        }
    }

    /// Σ aᵢ vᵢ [width].
    package func context(_ weights: [Double]) -> [Double] {
        precondition(weights.count == words, "a weight for each word")
        var sum = [Double](repeating: 0, count: width)
        for (word, weight) in weights.enumerated() { add(word, times: weight, to: &sum) }
        return sum
    }

    /// Adds a word's value, times a factor.
    func add(_ word: Int, times factor: Double, to sum: inout [Double]) {
        let width = width
        sum.withUnsafeMutableBufferPointer { sum in
            values.withUnsafeBufferPointer { values in
                for column in 0..<width {
                    sum[column] += factor * Double(values[word * width + column])
                }
            }
        }
    }

    /// The logits [outputs] of a context Σ aᵢ vᵢ [width].
    package func logits(context: [Double]) -> [Double] {
        guard let inner else { return zip(context, bias).map { $0 + Double($1) } }
        let hidden = zip(context, inner.offset).map { tanh($0 + Double($1)) }
        let width = width
        return inner.output.withUnsafeBufferPointer { output in
            bias.indices.map { row in
                var sum = Double(bias[row])
                for column in 0..<width {
                    sum += hidden[column] * Double(output[row * width + column])
                }
                return sum
            }
        }
    }
}
