import Tensors

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension Tensor {
    /// The elements of a row; valid while the tensor is.
    func elements(ofRow row: Int) -> UnsafeBufferPointer<Float> {
        precondition(row >= 0 && row < rows, "no such row")
        return UnsafeBufferPointer(start: pointer + row * columns, count: columns)
    }
}

extension CrossEntropy {
    /// -log p(label) of a row of logits in memory, and its gradient: what `loss(_:label:)` gives,
    /// without an array for each row of a vocabulary's size.
    ///
    /// - Parameter gradient: is given each element's place and p - 1(label).
    static func loss(
        _ logits: UnsafeBufferPointer<Float>, label: Int, gradient: (Int, Double) -> Void
    ) -> Double {
        precondition(label >= 0 && label < logits.count, "a label has a logit")
        var largest = -Double.infinity
        for logit in logits { largest = max(largest, Double(logit)) }
        var sum = 0.0
        for logit in logits { sum += exp(Double(logit) - largest) }
        for place in logits.indices {
            gradient(
                place, exp(Double(logits[place]) - largest) / sum - (place == label ? 1 : 0))
        }
        return log(sum) + largest - Double(logits[label])
    }
}
