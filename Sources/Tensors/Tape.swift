import CKernels

/// A value on the tape and, once the backward pass has reached it, the loss's gradient with respect
/// to it.
public final class Variable {
    /// The value `[rows, columns]`.
    public let value: Tensor
    /// Of the value's shape; nil until an operation that used the value has run backward.
    public internal(set) var gradient: Tensor?

    /// A value that starts a computation.
    public init(_ value: Tensor) { self.value = value }
}

/// Reverse-mode differentiation: operations run forward at once and leave behind how to run
/// backward; `backward` runs those steps in reverse order. The memory is the worker's arena.
///
/// An operation is an extension of this class in a file of its own under `Operations`.
public final class Tape {
    /// Whose arena and primitives are used.
    public let worker: Worker
    /// The values of the model's parameters.
    public let parameters: Parameters
    /// Where parameter gradients go; nil: parameters are constants.
    public let gradients: Gradients?
    /// Whether steps are recorded for a backward pass.
    public let isRecording: Bool
    private var steps: [(Tape) -> Void] = []

    /// A tape for one pass over one shard.
    public init(
        worker: Worker, parameters: Parameters, gradients: Gradients? = nil,
        isRecording: Bool = false
    ) {
        self.worker = worker
        self.parameters = parameters
        self.gradients = gradients
        self.isRecording = isRecording || gradients != nil
    }

    /// Memory for a value of this pass; its elements are not set.
    func tensor(rows: Int, columns: Int) -> Tensor {
        worker.arena.tensor(rows: rows, columns: columns)
    }

    /// Leaves behind what an operation does in the backward pass.
    func record(_ step: @escaping (Tape) -> Void) {
        if isRecording { steps.append(step) }
    }

    /// Where to write a variable's gradient, and whether something stands there that is to be added
    /// to.
    func destination(_ variable: Variable) -> (Tensor, accumulate: Bool) {
        if let gradient = variable.gradient { return (gradient, true) }
        let gradient = tensor(rows: variable.value.rows, columns: variable.value.columns)
        variable.gradient = gradient
        return (gradient, false)
    }

    /// Starts the backward pass from `variable` with the gradient `seed` (its shape), and runs it.
    public func backward(from variable: Variable, seed: [Float]) {
        precondition(isRecording, "this tape does not record")
        precondition(seed.count == variable.value.count, "a seed has the shape of its variable")
        let (gradient, _) = destination(variable)
        gradient.pointer.update(from: seed, count: seed.count)
        while let step = steps.popLast() { step(self) }
    }
}

/// Σ x² over `count` floats; not finite where one of them is not.
package func sumOfSquares(_ x: UnsafePointer<Float>, count: Int) -> Double {
    warrant_sum_of_squares(x, count)
}

/// Stops with oneDNN's status: its calls fail only when memory is out or a shape is impossible.
func check(_ status: Int32, _ what: String) {
    precondition(status == 0, "oneDNN failed in \(what) with status \(status)")
}
