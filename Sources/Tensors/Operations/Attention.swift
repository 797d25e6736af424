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
        variable.value.pointer + row * variable.columns + column
    }

    fileprivate func half(row: Int) -> UnsafePointer<UInt16>? {
        variable.half.map { UnsafePointer($0.pointer) + row * variable.columns + column }
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
    ///   - observeGradient: called in the backward pass for each document with the gradient with
    ///     respect to these probabilities [heads · queries, keys]; only without dropout.
    /// - Returns: [query rows, heads · headSize].
    /// - Complexity: O(queries · keys · heads · headSize) for each document.
    public func attention(
        queries: AttentionInput, keys: AttentionInput, values: AttentionInput, heads: Int,
        headSize: Int, queryStarts: [Int], keyStarts: [Int], dropout: Dropout?,
        observe: ((Int, Tensor) -> Void)? = nil,
        observeGradient: ((Int, Tensor) -> Void)? = nil
    ) -> Variable {
        precondition(keys.variable === values.variable, "keys and values share a variable")
        precondition(observeGradient == nil || dropout == nil, "dropout hides the gradient")
        let documents = keyStarts.count - 1
        let hidden = heads * headSize
        if isHalfOnly {
            return halfAttention(
                queries, keys, values, heads: heads, headSize: headSize, queryStarts: queryStarts,
                keyStarts: keyStarts, observe: observe)
        }
        let out = Variable(tensor(rows: queries.variable.rows, columns: hidden))
        var probabilities: [Tensor] = []

        func input(_ document: Int, _ dropout: warrant_dropout) -> warrant_attention {
            let (query, key) = (queryStarts[document], keyStarts[document])
            return warrant_attention(
                query_rows: queryStarts[document + 1] - query,
                key_rows: keyStarts[document + 1] - key, heads: heads, head_size: headSize,
                queries: queries.pointer(row: query),
                query_stride: queries.variable.columns, keys: keys.pointer(row: key),
                key_stride: keys.variable.columns, values: values.pointer(row: key),
                value_stride: values.variable.columns, dropout: dropout)
        }
        let isKept = isRecording
        let begin = worker.arena.mark
        let sizes = AttentionSizes(heads: heads, headSize: headSize, queryStarts, keyStarts)
        let scratch = tensor(rows: 1, columns: sizes.largestScratch)
        for document in 0..<documents {
            let mark = worker.arena.mark
            let p =
                isKept || observe != nil
                ? tensor(rows: heads * sizes.queries(document), columns: sizes.keys(document))
                : nil
            worker.measure(.attention, operations: sizes.operations(document)) {
                dropout.withKernel(from: queryStarts[document]) {
                    var attention = input(document, $0)
                    check(
                        warrant_attention_forward(
                            &attention, p?.pointer,
                            out.value.pointer + queryStarts[document] * hidden, hidden,
                            scratch.pointer), "attention")
                }
            }
            if let p {
                observe?(document, p)
                if isKept { probabilities.append(p) }
            }
            if !isKept { worker.arena.rewind(to: mark) }
        }
        if !isKept { worker.arena.rewind(to: begin) }

        record { [probabilities] tape in
            guard let dOut = out.gradient else { return }
            let (dQueries, accumulateQueries) = tape.destination(queries.variable)
            let isShared = queries.variable === keys.variable
            let (dKeys, accumulateKeys) =
                isShared ? (dQueries, accumulateQueries) : tape.destination(keys.variable)
            let mark = tape.worker.arena.mark
            // 2 · `largest` numbers in a row: of two rows the arena would make sixteen.
            let scratch = tape.tensor(rows: 16, columns: (sizes.largest + 7) / 8)
            for document in 0..<documents {
                let (query, key) = (queryStarts[document], keyStarts[document])
                if let observeGradient {
                    let mark = tape.worker.arena.mark
                    let gradient = tape.tensor(
                        rows: heads * sizes.queries(document), columns: sizes.keys(document))
                    tape.probabilityGradient(
                        dOut.pointer + query * hidden, hidden, values, row: key,
                        headSize: headSize, heads: heads, into: gradient)
                    observeGradient(document, gradient)
                    tape.worker.arena.rewind(to: mark)
                }
                let keyRow = dKeys.pointer + key * dKeys.columns
                tape.worker.measure(.attention, operations: 2 * sizes.operations(document)) {
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
            }
            tape.worker.arena.rewind(to: mark)
        }
        return out
    }

    /// dP = dOut Vᵀ for each head of a document whose keys begin at `row`.
    private func probabilityGradient(
        _ dOut: UnsafePointer<Float>, _ stride: Int, _ values: AttentionInput, row: Int,
        headSize: Int, heads: Int, into gradient: Tensor
    ) {
        let queries = gradient.rows / heads
        for head in 0..<heads {
            check(
                warrant_product(
                    0, 1, queries, gradient.columns, headSize, dOut + head * headSize, stride,
                    values.pointer(row: row) + head * headSize, values.variable.columns, 0,
                    gradient.pointer + head * queries * gradient.columns, gradient.columns),
                "attention's gradient")
        }
    }

    /// The forward pass with operands in bfloat16.
    private func halfAttention(
        _ queries: AttentionInput, _ keys: AttentionInput, _ values: AttentionInput, heads: Int,
        headSize: Int, queryStarts: [Int], keyStarts: [Int], observe: ((Int, Tensor) -> Void)?
    ) -> Variable {
        let sizes = AttentionSizes(heads: heads, headSize: headSize, queryStarts, keyStarts)
        let hidden = heads * headSize
        let out = worker.arena.half(rows: queries.variable.rows, columns: hidden)
        let begin = worker.arena.mark
        let scores = tensor(rows: 1, columns: sizes.largestScratch)
        let rounded = worker.arena.half(rows: 1, columns: sizes.largestScratch)
        for document in 0..<(keyStarts.count - 1) {
            let mark = worker.arena.mark
            let p =
                observe == nil
                ? nil
                : tensor(rows: heads * sizes.queries(document), columns: sizes.keys(document))
            let (query, key) = (queryStarts[document], keyStarts[document])
            var attention = warrant_half_attention(
                query_rows: sizes.queries(document), key_rows: sizes.keys(document), heads: heads,
                head_size: headSize, queries: queries.half(row: query),
                query_stride: queries.variable.columns, keys: keys.half(row: key),
                key_stride: keys.variable.columns, values: values.half(row: key),
                value_stride: values.variable.columns)
            worker.measure(.attention, operations: sizes.operations(document)) {
                check(
                    warrant_half_attention_forward(
                        worker.products, &attention, p?.pointer, out.pointer + query * hidden,
                        hidden, scores.pointer, rounded.pointer), "attention")
            }
            if let p { observe?(document, p) }
            worker.arena.rewind(to: mark)
        }
        worker.arena.rewind(to: begin)
        return Variable(out)
    }
}

/// How large each document's attention is.
private struct AttentionSizes {
    let heads: Int
    let headSize: Int
    let queryStarts: [Int]
    let keyStarts: [Int]

    init(heads: Int, headSize: Int, _ queryStarts: [Int], _ keyStarts: [Int]) {
        self.heads = heads
        self.headSize = headSize
        self.queryStarts = queryStarts
        self.keyStarts = keyStarts
    }

    func queries(_ document: Int) -> Int { queryStarts[document + 1] - queryStarts[document] }
    func keys(_ document: Int) -> Int { keyStarts[document + 1] - keyStarts[document] }

    /// The most scores that a head of a document has.
    var largest: Int {
        (0..<(keyStarts.count - 1)).map { queries($0) * keys($0) }.max() ?? 0
    }
    /// The most scratch memory that a document's forward pass takes, in elements.
    var largestScratch: Int {
        (0..<(keyStarts.count - 1))
            .map { warrant_attention_scratch(heads, headSize, queries($0), keys($0)) }.max() ?? 0
    }
    /// Floating-point operations of both products of a forward pass.
    func operations(_ document: Int) -> Double {
        4 * Double(heads * headSize) * Double(queries(document) * keys(document))
    }
}
