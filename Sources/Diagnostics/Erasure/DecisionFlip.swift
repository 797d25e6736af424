import Encoders

/// The first set of weights, in the order of a ranking, whose erasure changes a text's decision (Serrano &
/// Smith 2019, section 5; `test_model.py` of `serrano-s/attn-tests`).
///
/// To erase a set is to make its weights 0 and to divide the others by their sum; states and classifier
/// stay as they are. Where all weights are 0 the classifier reads a zero vector, and its biases decide.
package struct DecisionFlip: Sendable, Equatable {
    /// How many weights were erased, at least 1.
    package let erased: Int
    /// The share of the text's words that they are.
    package let fraction: Double
    /// The sum of the weights that were erased.
    package let mass: Double

    /// Erases one word after the other until the decision changes; nil where it does not change even
    /// without any weight (the recordings, and the authors, write -1). A text of one word says nothing of
    /// rankings: leave it out.
    ///
    /// - Parameter order: the text's words, each once.
    /// - Complexity: O(words · width).
    package init?(_ text: AttendedText, order: [Int]) {
        precondition(order.sorted() == Array(0..<text.words), "an order holds every word once")
        let weights = text.ownWeights
        let decision = AttendedText.predictedClass(logits: text.logits(weights))
        // What is left after k words, from the end: sums of few small weights lose no digits to large
        // ones.
        var logits: [[Double]] = []
        var (context, rest) = ([Double](repeating: 0, count: text.width), 0.0)
        for word in order.reversed() {
            logits.append(text.logits(context: rest > 0 ? context.map { $0 / rest } : context))
            text.add(word, times: weights[word], to: &context)
            rest += weights[word]
        }
        var mass = 0.0
        for (place, word) in order.enumerated() {
            mass += weights[word]
            let left = logits[order.count - 1 - place]
            guard AttendedText.predictedClass(logits: left) != decision else { continue }
            erased = place + 1
            fraction = Double(place + 1) / Double(order.count)
            self.mass = mass
            return
        }
        return nil
    }
}
