import Encoders
import Metrics
import Randomness

/// How far a text's output moves when its weights are permuted among its words, its states staying as they
/// are (Jain & Wallace 2019, section 4.2.1): a median near 0 where one weight is near 1 says that the
/// weight did not decide.
package struct WeightPermutations: Sendable, Equatable {
    /// The total variation distance to the model's own output, by permutation: |p - p'| of two classes.
    package let differences: [Double]
    /// The median of the differences; between two of them their mean.
    package let median: Double
    /// The largest of the model's weights.
    package let largestWeight: Double
    /// What the model predicts with its own weights.
    package let predictedClass: Int

    /// Permutations that are drawn.
    ///
    /// - Parameters:
    ///   - count: how many, at least 1.
    ///   - seed: the run's.
    ///   - number: the text's; what is drawn depends on the seed, on it, and on the number of words.
    package init(_ text: AttendedText, count: Int = 100, seed: UInt64, number: Int) {
        var generator = SeededGenerator(seed: seed, stream: "permutation.\(number)")
        self.init(
            text, orders: (0..<count).map { _ in generator.shuffled(0..<text.words) })
    }

    /// Given permutations.
    ///
    /// - Parameter orders: word i gets the weight of word `order[i]`; at least one order.
    /// - Complexity: O(orders · words · width).
    package init(_ text: AttendedText, orders: [[Int]]) {
        precondition(!orders.isEmpty, "a median of some permutations")
        let own = text.ownWeights
        let logits = text.logits(own)
        let expected = AttendedText.probabilities(logits: logits)
        differences = orders.map { order in
            precondition(
                order.sorted() == Array(own.indices), "a permutation holds every word once")
            return Divergence.totalVariation(
                text.probabilities(order.map { own[$0] }), expected)
        }
        let sorted = differences.sorted()
        median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        largestWeight = own.max() ?? 0
        predictedClass = AttendedText.predictedClass(logits: logits)
    }
}
