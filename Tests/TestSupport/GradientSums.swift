package import Tensors

extension Gradients {
    /// A parameter's gradient in this shard, that of a linear layer's weight too.
    package func sum(_ parameter: Parameter, on worker: Worker) -> [Float] {
        guard parameter.kind == .weight else { return self[parameter] }
        let sum = Tensor(
            [Float](repeating: 0, count: parameter.count), rows: parameter.rows,
            columns: parameter.columns)
        for product in weights where product.target == parameter {
            product.compute(rows: 0..<parameter.rows, into: sum.pointer, adding: true, on: worker)
        }
        return sum.values
    }
}
