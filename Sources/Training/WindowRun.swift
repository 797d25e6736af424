import Randomness
import Tensors

/// Which windows of a document one step of training reads: all of them or, of a very long document, a
/// run of them that begins anywhere, so that a step's memory stays bounded.
package enum WindowRun {
    /// The most windows of a document that a step reads.
    package static let longest = 8

    /// The windows that a step reads of a document; each place where a run can begin is as likely.
    ///
    /// - Parameters:
    ///   - windows: how many the document has.
    ///   - seed: with the step and the document it decides where a run begins.
    ///   - step: how many steps went before.
    ///   - document: the document's number.
    package static func range(
        of windows: Int, seed: UInt64, step: Int, document: Int
    ) -> Range<Int> {
        guard windows > longest else { return 0..<windows }
        let key = Dropout.rowKey(seed: seed, step: step, document: document, position: 0)
        var generator = SeededGenerator(seed: key)
        let start = generator.below(windows - longest + 1)
        return start..<(start + longest)
    }
}
