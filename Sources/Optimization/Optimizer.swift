/// Moves parameters along the gradient of a batch.
package protocol Optimizer: AnyObject {
    /// Brings the rows of tables that the next pass reads up to date; called before every pass. The
    /// same rows may be named more than once.
    func prepare(rows: [Int32])

    /// One step along `gradients`.
    ///
    /// - Returns: the gradient's norm before clipping; where it is not finite, nothing has changed.
    func step(_ gradients: ShardedGradients, rate: Float) -> Double

    /// Brings every row up to date: before parameters are read, copied or written as a whole.
    func synchronize()
}
