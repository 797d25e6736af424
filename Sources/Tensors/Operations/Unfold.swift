import CKernels

extension Tape {
    /// Each row with its neighbours within its document: what a linear layer turns into a
    /// one-dimensional convolution of odd width with zeros around the document.
    ///
    /// Column c · width + k of row i is column c of row i + k - (width - 1) / 2, and 0 outside of the
    /// document. So the layer's weight is a `Conv1d` weight of PyTorch [filters, columns, width] as
    /// [filters, columns · width].
    ///
    /// - Parameters:
    ///   - x: [rows, columns].
    ///   - width: odd.
    ///   - documents: where each document's rows begin, and the end.
    /// - Returns: [rows, columns · width]; dx is the sum over the places where an element was put.
    package func unfold(_ x: Variable, width: Int, documents: [Int]) -> Variable {
        checkDocuments(documents, cover: x)
        precondition(width > 0 && width % 2 == 1, "an odd width")
        let columns = x.columns
        let y = Variable(tensor(rows: x.rows, columns: columns * width))
        for (start, end) in zip(documents, documents.dropFirst()) {
            warrant_unfold(y.value.row(start), x.value.row(start), end - start, columns, width)
        }
        record { tape in
            guard let dy = y.gradient else { return }
            let dx = tape.accumulator(x)
            for (start, end) in zip(documents, documents.dropFirst()) {
                warrant_fold(dx + start * columns, dy.row(start), end - start, columns, width)
            }
        }
        return y
    }

    /// Given rows of `x` side by side, as `unfold` lays out a row with its neighbours. For passes that do
    /// not record.
    ///
    /// - Parameters:
    ///   - x: [rows, columns].
    ///   - sources: `width` rows of `x` for each row of the result; -1 is a row of zeros.
    /// - Returns: [sources.count / width, columns · width].
    package func windows(_ x: Variable, _ sources: [Int32], width: Int) -> Variable {
        precondition(!isRecording, "windows have no gradient")
        precondition(
            sources.count % width == 0 && sources.allSatisfy { $0 >= -1 && $0 < x.rows },
            "rows for whole windows")
        let y = Variable(tensor(rows: sources.count / width, columns: x.columns * width))
        warrant_windows(y.value.pointer, x.value.pointer, sources, y.rows, x.columns, width)
        return y
    }
}
