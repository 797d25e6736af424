import CKernels

/// A value on the tape and, once the backward pass has reached it, the loss's gradient with respect
/// to it. Where products are in bfloat16, either may also, or only, be there in that form.
package final class Variable {
    /// The shape.
    package let rows, columns: Int
    private let full: Tensor?
    private var isTaken = false
    /// The value in bfloat16, once a product has needed it.
    var half: BFloat16Tensor?
    /// Of the value's shape; nil until an operation that used the value has run backward. It is
    /// whole once the step of the operation that made the value has begun.
    package internal(set) var gradient: Tensor?
    /// The gradient in bfloat16.
    var halfGradient: BFloat16Tensor?

    /// A value that starts a computation.
    package init(_ value: Tensor) {
        (rows, columns) = (value.rows, value.columns)
        full = value
    }

    init(_ value: Tensor, half: BFloat16Tensor?) {
        (rows, columns) = (value.rows, value.columns)
        full = value
        self.half = half
    }

    /// A value that only products read.
    init(_ half: BFloat16Tensor) {
        (rows, columns) = (half.rows, half.columns)
        full = nil
        self.half = half
    }

    /// The value `[rows, columns]`.
    package var value: Tensor {
        precondition(!isTaken, "an operation in place has overwritten this value")
        guard let full else { preconditionFailure("this value is there in bfloat16 only") }
        return full
    }

    /// The value's memory, for an operation in place: from now on reading the value is an error,
    /// in the backward pass too. So no operation gets another value than the one it was given.
    func take() -> Tensor {
        let tensor = value
        isTaken = true
        return tensor
    }

    /// Whether the backward pass has reached this value.
    var hasGradient: Bool { gradient != nil || halfGradient != nil }
}

/// Reverse-mode differentiation: operations run forward at once and leave behind how to run
/// backward; `backward` runs those steps in reverse order. The memory is the worker's arena.
///
/// A value may be used any number of times: its gradient is the sum over its uses, the last one
/// first. An operation overwrites an input only where its caller says `inPlace`, and then nothing
/// can read that input any more.
///
/// An operation is an extension of this class in a file of its own under `Operations`.
package final class Tape {
    /// The worker that gives memory and oneDNN's primitives.
    package let worker: Worker
    /// The values of the model's parameters.
    package let parameters: Parameters
    /// Where parameter gradients go; nil: parameters are constants.
    package let gradients: Gradients?
    /// Whether steps are recorded for a backward pass.
    package let isRecording: Bool
    /// Whether weights are packed for products, once for all passes until they change.
    let packsWeights: Bool
    /// Whether recurrent weights are, whose products are many in each pass.
    let packsRecurrentWeights: Bool
    private var steps: [(Tape) -> Void] = []

    /// A tape for one pass over one shard.
    ///
    /// - Parameters:
    ///   - packsWeights: for passes over weights that stay as they are for a while: whoever writes to
    ///     `parameters` then calls their `changed`.
    ///   - packsRecurrentWeights: the same for recurrent weights alone, which is worth it for a single
    ///     pass; nil: as the others.
    package init(
        worker: Worker, parameters: Parameters, gradients: Gradients? = nil,
        isRecording: Bool = false, packsWeights: Bool = false,
        packsRecurrentWeights: Bool? = nil
    ) {
        self.packsWeights = packsWeights
        self.packsRecurrentWeights = packsRecurrentWeights ?? packsWeights
        self.worker = worker
        self.parameters = parameters
        self.gradients = gradients
        self.isRecording = isRecording || gradients != nil
    }

    /// Memory for a value of this pass; its elements are not set.
    package func tensor(rows: Int, columns: Int) -> Tensor {
        worker.arena.tensor(rows: rows, columns: columns)
    }

    /// A copy of a value in this pass's memory.
    func copy(_ original: Tensor) -> Tensor {
        let copy = tensor(rows: original.rows, columns: original.columns)
        copy.pointer.update(from: original.pointer, count: original.count)
        return copy
    }

    /// Whether what only products read is kept in bfloat16 alone.
    var isHalfOnly: Bool { worker.precision == .bf16 && !isRecording }

    /// The same in bfloat16; nil where products are in float32.
    func halfWhereUsed(rows: Int, columns: Int) -> BFloat16Tensor? {
        worker.precision == .bf16 ? worker.arena.half(rows: rows, columns: columns) : nil
    }

    /// `tensor` rounded to bfloat16.
    func rounded(_ tensor: Tensor) -> BFloat16Tensor {
        let half = worker.arena.half(rows: tensor.rows, columns: tensor.columns)
        worker.measure(.elementwise) { warrant_round(half.pointer, tensor.pointer, tensor.count) }
        return half
    }

    /// Runs `body` and, in a pass that does not record, gives back the memory of all values that it
    /// made: what it returns must lie elsewhere.
    ///
    /// - Parameter isReleased: false keeps the memory all the same.
    package func releasingMemory<Result>(
        where isReleased: Bool = true, _ body: () -> Result
    ) -> Result {
        let mark = worker.arena.mark
        let result = body()
        if isReleased && !isRecording { worker.arena.rewind(to: mark) }
        return result
    }

    /// Runs `body` on stretches of rows: on this pass's worker and, outside of passes that record, on
    /// its assistants at the same time. Stretches begin at multiples of 16, where a product of rows
    /// can be cut.
    func divideRows(_ rows: Int, _ body: (Range<Int>, Worker) -> Void) {
        guard !isRecording else { return body(0..<rows, worker) }
        worker.divide(rows, multipleOf: 16, atLeast: 96) { stretch, _, worker in
            body(stretch, worker)
        }
    }

    /// Leaves behind what an operation does in the backward pass.
    func record(_ step: @escaping (Tape) -> Void) {
        if isRecording { steps.append(step) }
    }

    /// Where to write a variable's gradient, and whether something stands there that is to be added
    /// to.
    func destination(_ variable: Variable) -> (Tensor, accumulate: Bool) {
        if let gradient = variable.gradient {
            // What was rounded is not the whole gradient any more.
            variable.halfGradient = nil
            return (gradient, true)
        }
        let gradient = tensor(rows: variable.rows, columns: variable.columns)
        variable.gradient = gradient
        return (gradient, false)
    }

    /// Adds to a variable's gradient what `write` writes, every element of its shape.
    func contribute(to variable: Variable, _ write: (UnsafeMutablePointer<Float>) -> Void) {
        let (gradient, accumulate) = destination(variable)
        guard accumulate else { return write(gradient.pointer) }
        let mark = worker.arena.mark
        let part = tensor(rows: variable.rows, columns: variable.columns)
        write(part.pointer)
        warrant_add(gradient.pointer, part.pointer, part.count)
        worker.arena.rewind(to: mark)
    }

    /// Where a variable's gradient is added to: zero, or what stands there.
    func accumulator(_ variable: Variable) -> UnsafeMutablePointer<Float> {
        let (gradient, accumulate) = destination(variable)
        if !accumulate { gradient.clear() }
        return gradient.pointer
    }

    /// Starts the backward pass from `variable` with the gradient `seed` (its shape), and runs it.
    package func backward(from variable: Variable, seed: [Float]) {
        backward(from: [(variable, seed)])
    }

    /// Runs the backward pass from any number of variables, each with its seed: the gradients of
    /// Σ seed · variable, the sum running over all elements of all variables. The same variable may
    /// be named more than once.
    ///
    /// - Parameter roots: each variable and its seed, of its shape in row-major order.
    package func backward(from roots: [(variable: Variable, seed: [Float])]) {
        precondition(isRecording, "this tape does not record")
        for (variable, seed) in roots {
            precondition(
                seed.count == variable.rows * variable.columns,
                "a seed has the shape of its variable")
            let (gradient, accumulate) = destination(variable)
            if accumulate {
                warrant_add(gradient.pointer, seed, seed.count)
            } else {
                gradient.pointer.update(from: seed, count: seed.count)
            }
        }
        while let step = steps.popLast() { step(self) }
    }
}

/// Σ x² over `count` floats; not finite where one of them is not.
package func sumOfSquares(_ x: UnsafePointer<Float>, count: Int) -> Double {
    var part: UnsafePointer<Float>? = x
    return warrant_sum_of_squares(&part, 1, count)
}

/// Stops with oneDNN's status: its calls fail only when memory is out or a shape is impossible.
func check(_ status: Int32, _ what: String) {
    if status == WARRANT_OUT_OF_MEMORY { Shortage.meet("there is no memory for oneDNN's \(what)") }
    precondition(status == 0, "oneDNN failed in \(what) with status \(status)")
}
