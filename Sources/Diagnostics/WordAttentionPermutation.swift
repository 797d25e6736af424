import Encoders
import Tensors

/// Permutes the weights of a document's words: word i gets the weight of word `order[i]`, and what is
/// no word keeps 0 (Jain & Wallace 2019, section 4.2.1). States stay as they are.
///
/// A prediction that hardly changes when the weights of its words are shuffled was not explained by
/// them. Gradients flow back to the weights where they came from.
package final class WordAttentionPermutation: Probe {
    private let orders: [[Int]]

    /// A permutation of the weights.
    ///
    /// - Parameter orders: for each document of the batch a permutation of its words, counted from 0.
    package init(orders: [[Int]]) {
        precondition(
            orders.allSatisfy { $0.sorted() == Array($0.indices) },
            "each order holds every word once")
        self.orders = orders
    }

    /// The attention of words.
    package var points: Set<ProbePoint> { [.wordAttention] }

    /// The rows of words in another order.
    package func replacement(
        of point: ProbePoint, _ x: Variable, _ batch: PackedBatch, on tape: Tape
    ) -> Variable {
        precondition(orders.count == batch.count, "an order for each document")
        var rows = Array(0..<batch.tokens)
        for (document, order) in orders.enumerated() {
            let words = batch.range(document).filter { batch.isWord[$0] }
            precondition(words.count == order.count, "an order has a place for each word")
            for (word, source) in zip(words, order) { rows[word] = words[source] }
        }
        return tape.select(rows: rows, of: x)
    }
}
