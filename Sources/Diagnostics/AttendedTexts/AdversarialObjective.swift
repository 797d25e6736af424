import CKernels
import Encoders

/// What a search for adversarial attention makes small, for one text (Jain & Wallace 2019, section
/// 4.2.2; `Trainers` and `model` of `successar/AttentionExplanation`): with a_k = softmax(z_k) and
/// d_k the change of the output,
///
///     Σ (-JSD(a_k, α) + penalty · max(0, d_k - tolerance)) - mean over i, j of JSD(a_i, a_j).
///
/// d is |p - p'| of one logit, and Σ |p - p'| over the classes of several. The objective of a batch is the
/// sum over its texts, so each text is searched for itself. In
/// single precision, but for z.
package struct AdversarialObjective: Sendable {
    /// The text whose attention is led astray.
    package let text: AttendedText
    /// How many vectors are searched together.
    package let count: Int
    let tolerance, penalty: Float
    /// Places of a row: words, padded to whole vectors.
    let stride: Int
    private let attention, values: [Float]
    private let probabilities: [Double]

    /// An objective.
    ///
    /// - Parameters:
    ///   - count: how many vectors are searched together, K.
    ///   - tolerance: the change of the output that is free.
    ///   - penalty: the price of more.
    package init(_ text: AttendedText, count: Int, tolerance: Float, penalty: Float) {
        precondition(text.words > 0 && count > 0, "vectors over some words")
        self.text = text
        self.count = count
        self.tolerance = tolerance
        self.penalty = penalty
        let (words, width) = (text.words, text.width)
        let stride = (words + 15) / 16 * 16
        self.stride = stride
        attention = text.attention + [Float](repeating: 0, count: stride - words)
        if text.inner == nil {
            var columns = [Float](repeating: 0, count: width * stride)
            for word in 0..<words {
                for column in 0..<width {
                    columns[column * stride + word] = text.values[word * width + column]
                }
            }
            values = columns
        } else {
            values = text.values
        }
        let all = text.probabilities(text.ownWeights)
        probabilities = text.outputs == 1 ? [all[1]] : all
    }

    /// The objective and what it is made of, at one place.
    package struct Value: Sendable {
        /// The objective.
        package var loss = 0.0
        /// a [count, stride].
        var attention: [Float]
        /// d [count].
        package var differences: [Float]
        /// With respect to z [count, stride].
        var gradient: [Float]
        fileprivate var scratch: [Float]
    }

    /// Room for a value.
    func makeValue() -> Value {
        let row = [Float](repeating: 0, count: count * stride)
        let scratch = withKernelText { warrant_adversary_scratch($0, count) }
        return Value(
            attention: row, differences: [Float](repeating: 0, count: count), gradient: row,
            scratch: [Float](repeating: 0, count: scratch))
    }

    /// Computes the objective at z [count, stride].
    func evaluate(_ z: [Double], into value: inout Value) {
        withKernelText {
            warrant_adversary_gradient(
                $0, count, z, &value.attention, &value.differences, &value.gradient, &value.loss,
                &value.scratch)
        }
    }

    /// The objective and its gradient [count][words] at vectors [count][words].
    package func callAsFunction(_ z: [[Double]]) -> (loss: Double, gradient: [[Float]]) {
        var value = makeValue()
        evaluate(packed(z), into: &value)
        return (value.loss, unpacked(value.gradient))
    }

    /// Vectors [count][words] as [count, stride].
    func packed(_ vectors: [[Double]]) -> [Double] {
        precondition(
            vectors.count == count && vectors.allSatisfy { $0.count == text.words },
            "vectors over the text's words")
        return vectors.flatMap { $0 + [Double](repeating: 0, count: stride - text.words) }
    }

    /// Rows [count, stride] as [count][words].
    func unpacked(_ rows: [Float]) -> [[Float]] {
        (0..<count).map { Array(rows[($0 * stride)...].prefix(text.words)) }
    }

    private func withKernelText<Result>(
        _ body: (UnsafePointer<warrant_adversary>) -> Result
    ) -> Result {
        values.withUnsafeBufferPointer { values in
            attention.withUnsafeBufferPointer { attention in
                probabilities.withUnsafeBufferPointer { probabilities in
                    text.bias.withUnsafeBufferPointer { bias in
                        withInner { offset, output in
                            var kernel = warrant_adversary(
                                words: text.words, stride: stride, width: text.width,
                                outputs: text.outputs, values: values.baseAddress, offset: offset,
                                output: output, bias: bias.baseAddress,
                                attention: attention.baseAddress,
                                probabilities: probabilities.baseAddress, tolerance: tolerance,
                                penalty: penalty)
                            return body(&kernel)
                        }
                    }
                }
            }
        }
    }

    private func withInner<Result>(
        _ body: (UnsafePointer<Float>?, UnsafePointer<Float>?) -> Result
    ) -> Result {
        guard let inner = text.inner else { return body(nil, nil) }
        return inner.offset.withUnsafeBufferPointer { offset in
            inner.output.withUnsafeBufferPointer { body(offset.baseAddress, $0.baseAddress) }
        }
    }
}
