/// What the other chunks of a document say, of one of its chunks: a document's logits are the mean
/// of its chunks'.
public struct OtherChunks: Sendable {
    /// How many they are.
    package let count: Int
    /// The sum of their logits [classes]; empty where there are none.
    package let sum: [Double]
    /// The class that all of the document's chunks predict together; nil: told by the chunk's own
    /// logits. Known beforehand it is the same for all chunks, whatever pass reads them: in bf16
    /// passes that record round otherwise than those that do not.
    package let predicted: Int?

    /// A document of one chunk has no others.
    public static let none = OtherChunks(count: 0, sum: [])

    /// The sum of so many chunks' logits, and the document's class where it is known.
    package init(count: Int, sum: [Double], predicted: Int? = nil) {
        self.count = count
        self.sum = sum
        self.predicted = predicted
    }

    /// For each of a document's chunks the others, from the logits [chunks][classes] of all.
    /// O(chunks × classes).
    package static func each(of chunks: [[Float]]) -> [OtherChunks] {
        guard chunks.count > 1, let classes = chunks.first?.count else {
            return chunks.map { _ in .none }
        }
        let sums = (0..<classes).map { column in chunks.reduce(0) { $0 + Double($1[column]) } }
        let predicted = Logits.means(chunks, counts: [chunks.count])[0].indexOfLargest
        return chunks.map { own in
            OtherChunks(
                count: chunks.count - 1, sum: zip(sums, own).map { $0 - Double($1) },
                predicted: predicted)
        }
    }

    /// The document's logits [classes] if the chunk has the logits `own` [classes].
    public func documentLogits(_ own: [Float]) -> [Float] {
        count == 0
            ? own : zip(sum, own).map { Float(($0 + Double($1)) / Double(count + 1)) }
    }

    /// The document's class if the chunk has the logits `own` [classes].
    public func predictedClass(_ own: [Float]) -> Int {
        predicted ?? documentLogits(own).indexOfLargest
    }
}
