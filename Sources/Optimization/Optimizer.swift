import Tensors

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

    /// What is remembered of a parameter's gradients, such as `moment1`, in place: what a checkpoint
    /// keeps and puts back. The names are the same for every parameter.
    ///
    /// - Precondition: to be kept it must be up to date: `synchronize()` was called after the last step.
    func state(of parameter: Parameter) -> [(name: String, values: Tensor)]

    /// Goes on after `count` steps, whose parameters and state, up to date, were put in place.
    func resume(after count: Int)
}

extension [Storage] {
    /// The part of the storages that holds what belongs to a parameter.
    func view(of parameter: Parameter) -> Tensor {
        Tensor(
            storage: self[parameter.storage], offset: parameter.offset, rows: parameter.rows,
            columns: parameter.columns)
    }
}

/// βᵗ, in double precision.
func power(_ beta: Float, _ steps: Int) -> Double {
    var (power, square, bits) = (1.0, Double(beta), steps)
    while bits > 0 {
        if bits & 1 == 1 { power *= square }
        square *= square
        bits >>= 1
    }
    return power
}
