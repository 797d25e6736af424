import CKernels

/// Columns of a variable that hold one of attention's three inputs.
public struct AttentionInput {
    let variable: Variable
    let column: Int

    /// The columns from `column` on; heads lie next to each other.
    public init(_ variable: Variable, column: Int) {
        self.variable = variable
        self.column = column
    }

    fileprivate func pointer(row: Int) -> UnsafeMutablePointer<Float> {
        variable.value.pointer + row * variable.value.columns + column
    }
}

extension Tape {
    /// Multi-head attention within each document: softmax(Q Kᵀ / √headSize) V, head by head
    /// (Vaswani et al. 2017, section 3.2). Sequences are packed end to end, so nothing is masked.
    ///
    /// - Parameters:
    ///   - queries: of document *i*, rows `queryStarts[i]..<queryStarts[i + 1]`.
    ///   - keys: of document *i*, rows `keyStarts[i]..<keyStarts[i + 1]`; values likewise, and of
    ///     the same variable.
    ///   - dropout: of the probabilities; its keys belong to the query rows.
    ///   - observe: called for each document with its probabilities [heads · queries, keys], before
    ///     dropout.
    /// - Returns: [query rows, heads · headSize].
    /// - Complexity: O(queries · keys · heads · headSize) for each document.
    public func attention(
        queries: AttentionInput, keys: AttentionInput, values: AttentionInput, heads: Int,
        headSize: Int, queryStarts: [Int], keyStarts: [Int], dropout: Dropout?,
        observe: ((Int, Tensor) -> Void)? = nil
    ) -> Variable {
        precondition(keys.variable === values.variable, "keys and values share a variable")
        let documents = keyStarts.count - 1
        let hidden = heads * headSize
        let out = Variable(tensor(rows: queries.variable.value.rows, columns: hidden))
        var probabilities: [Tensor] = []

        func input(_ document: Int, _ dropout: warrant_dropout) -> warrant_attention {
            let (query, key) = (queryStarts[document], keyStarts[document])
            return warrant_attention(
                query_rows: queryStarts[document + 1] - query,
                key_rows: keyStarts[document + 1] - key, heads: heads, head_size: headSize,
                queries: queries.pointer(row: query),
                query_stride: queries.variable.value.columns, keys: keys.pointer(row: key),
                key_stride: keys.variable.value.columns, values: values.pointer(row: key),
                value_stride: values.variable.value.columns, dropout: dropout)
        }
        var largest = 0
        for document in 0..<documents {
            let rows = queryStarts[document + 1] - queryStarts[document]
            largest = max(largest, rows * (keyStarts[document + 1] - keyStarts[document]))
        }

        let scratch = dropout == nil ? nil : tensor(rows: 1, columns: largest)
        let isKept = isRecording
        for document in 0..<documents {
            let mark = worker.arena.mark
            let rows = queryStarts[document + 1] - queryStarts[document]
            let p = tensor(
                rows: heads * rows, columns: keyStarts[document + 1] - keyStarts[document])
            dropout.withKernel(from: queryStarts[document]) {
                var attention = input(document, $0)
                check(
                    warrant_attention_forward(
                        &attention, p.pointer, out.value.pointer + queryStarts[document] * hidden,
                        hidden, scratch?.pointer), "attention")
            }
            observe?(document, p)
            if isKept { probabilities.append(p) } else { worker.arena.rewind(to: mark) }
        }

        record { [probabilities] tape in
            guard let dOut = out.gradient else { return }
            let (dQueries, accumulateQueries) = tape.destination(queries.variable)
            let isShared = queries.variable === keys.variable
            let (dKeys, accumulateKeys) =
                isShared ? (dQueries, accumulateQueries) : tape.destination(keys.variable)
            let mark = tape.worker.arena.mark
            let scratch = tape.tensor(rows: 2, columns: largest)
            for document in 0..<documents {
                let (query, key) = (queryStarts[document], keyStarts[document])
                let keyRow = dKeys.pointer + key * dKeys.columns
                dropout.withKernel(from: query) {
                    var attention = input(document, $0)
                    check(
                        warrant_attention_backward(
                            &attention, probabilities[document].pointer,
                            dOut.pointer + query * hidden, hidden,
                            dQueries.pointer + query * dQueries.columns + queries.column,
                            dQueries.columns, accumulateQueries ? 1 : 0, keyRow + keys.column,
                            keyRow + values.column, dKeys.columns, accumulateKeys ? 1 : 0,
                            scratch.pointer), "attention backward")
                }
            }
            tape.worker.arena.rewind(to: mark)
        }
        return out
    }
}
