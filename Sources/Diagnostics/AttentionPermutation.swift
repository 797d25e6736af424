import Encoders
import Tensors

/// Permutes a layer's attention over the tokens of each document: key i gets the weight of key
/// `order[i]`, in every head and for every query (Jain & Wallace 2019, section 4.2, for BERT-like
/// encoders).
///
/// A prediction that hardly changes when the weights of its words are shuffled was not explained by
/// them.
package final class AttentionPermutation: Probe {
    private let layer: Int
    private let orders: [[Int]]

    /// A permutation of the attention in a layer.
    ///
    /// - Parameters:
    ///   - layer: counted from 0.
    ///   - orders: for each document of the batch a permutation of its token positions.
    package init(layer: Int, orders: [[Int]]) {
        precondition(
            orders.allSatisfy { $0.sorted() == Array($0.indices) },
            "each order holds every position once")
        self.layer = layer
        self.orders = orders
    }

    /// The layer's attention.
    package var points: Set<ProbePoint> { [.attention(layer: layer)] }

    /// Permutes the columns of [heads · queries, keys].
    package func replaceAttention(layer: Int, document: Int, _ probabilities: Tensor) {
        let order = orders[document]
        precondition(order.count == probabilities.columns, "an order has a place for each token")
        for row in 0..<probabilities.rows {
            let old = (0..<order.count).map { probabilities[row, $0] }
            for (column, source) in order.enumerated() {
                probabilities.buffer[row * order.count + column] = old[source]
            }
        }
    }
}
