import Encoders
import Randomness

/// An order in which words' weights are erased (Serrano & Smith 2019, section 5). Of equal words the first
/// one comes first, unless it says otherwise.
package enum ErasureRanking: String, Sendable, CaseIterable {
    /// Any order, several of them.
    case random
    /// The largest weight first.
    case attention
    /// The largest gradient of the predicted class's probability with respect to the weight first, with
    /// its sign: the weights whose loss lowers the probability most.
    case gradient
    /// The largest product of weight and gradient first.
    case product
    /// The smallest weight first, a control: `attention` backwards.
    case attentionAscending = "attention-ascending"
    /// The largest weight first among those with a positive gradient, then those with none, then the
    /// smallest first among those with a negative one: the sign of the gradient times the weight.
    case signTimesAttention = "sign-times-attention"

    /// The text's words in the ranking's order; of `random` as many orders as `randomOrders`.
    ///
    /// - Parameters:
    ///   - seed: the run's.
    ///   - number: the text's; what is drawn depends on the seed, on it, and on the number of words.
    package func orders(
        _ text: AttendedText, randomOrders: Int = 5, seed: UInt64, number: Int
    ) -> [[Int]] {
        let weights = text.ownWeights
        func gradient() -> [Double] { text.probabilityGradient(weights) }
        switch self {
        case .random:
            var generator = SeededGenerator(seed: seed, stream: "erasure-order.\(number)")
            return (0..<randomOrders).map { _ in generator.shuffled(weights.indices) }
        case .attention: return [Self.descending(weights)]
        case .gradient: return [Self.descending(gradient())]
        case .product: return [Self.descending(zip(weights, gradient()).map { $0 * $1 })]
        case .attentionAscending: return [Self.descending(weights).reversed()]
        case .signTimesAttention:
            return [
                Self.descending(
                    zip(weights, gradient()).map { $1 == 0 ? 0 : $1 > 0 ? $0 : -$0 })
            ]
        }
    }

    /// Where the elements stand, the largest first, the first of equal ones before the others.
    private static func descending(_ values: [Double]) -> [Int] {
        values.indices.sorted { (values[$1], $0) < (values[$0], $1) }
    }
}
