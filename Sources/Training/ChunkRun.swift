import Randomness
import Tensors

/// Which chunks of a document one step of training reads: all of them or, of a very long document, a
/// run of them that begins anywhere, so that a step's memory stays bounded.
package enum ChunkRun {
    /// The most chunks of a document that a step reads.
    package static let longest = 8

    /// The chunks that a step reads of a document; each place where a run can begin is as likely.
    ///
    /// - Parameters:
    ///   - chunks: how many the document has.
    ///   - seed: with the step and the document it decides where a run begins.
    ///   - step: how many steps went before.
    ///   - document: the document's number.
    package static func range(
        of chunks: Int, seed: UInt64, step: Int, document: Int
    ) -> Range<Int> {
        guard chunks > longest else { return 0..<chunks }
        let key = Dropout.rowKey(seed: seed, step: step, document: document, position: 0)
        var generator = SeededGenerator(seed: key)
        let start = generator.below(chunks - longest + 1)
        return start..<(start + longest)
    }
}
