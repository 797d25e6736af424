import CKernels

/// Columns of a variable that hold one of attention's three inputs.
package struct AttentionInput {
    let variable: Variable
    let column: Int

    /// The columns from `column` on; heads lie next to each other.
    package init(_ variable: Variable, column: Int) {
        self.variable = variable
        self.column = column
    }

    func pointer(row: Int) -> UnsafeMutablePointer<Float> {
        variable.value.pointer + row * variable.columns + column
    }
}

extension Tape {
    /// Multi-head attention within each document: softmax(Q Kᵀ / √headSize) V, head by head
    /// (Vaswani et al. 2017, section 3.2). Sequences are packed end to end, so nothing is masked.
    ///
    /// Queries, keys and values may be columns of one variable or of several, also the same columns.
    /// A document without keys gives rows of zeros.
    ///
    /// - Parameters:
    ///   - queries: of document *i*, rows `queryStarts[i]..<queryStarts[i + 1]`.
    ///   - keys: of document *i*, rows `keyStarts[i]..<keyStarts[i + 1]`; values likewise.
    ///   - dropout: of the probabilities; its keys belong to the query rows.
    ///   - onlyForProducts: the result is the input of linear layers; without a backward pass it is
    ///     kept in the products' precision only, and so may the inputs be.
    ///   - replace: called for each document with its probabilities [heads · queries, keys], which
    ///     it may overwrite, before they are observed and before dropout. What it leaves there is a
    ///     constant: gradients flow into the values, and to `observeGradient`, and not into queries
    ///     and keys.
    ///   - observe: called for each document with its probabilities [heads · queries, keys], before
    ///     dropout.
    ///   - observeGradient: called in the backward pass for each document with the gradient with
    ///     respect to these probabilities [heads · queries, keys]; only without dropout.
    /// - Returns: [query rows, heads · headSize].
    /// - Complexity: O(queries · keys · heads · headSize) for each document.
    package func attention(
        queries: AttentionInput, keys: AttentionInput, values: AttentionInput, heads: Int,
        headSize: Int, queryStarts: [Int], keyStarts: [Int], dropout: Dropout?,
        onlyForProducts: Bool = false, replace: ((Int, Tensor) -> Void)? = nil,
        observe: ((Int, Tensor) -> Void)? = nil,
        observeGradient: ((Int, Tensor) -> Void)? = nil
    ) -> Variable {
        precondition(observeGradient == nil || dropout == nil, "dropout hides the gradient")
        let pass = AttentionPass(
            queries: queries, keys: keys, values: values, heads: heads, headSize: headSize,
            queryStarts: queryStarts, keyStarts: keyStarts, dropout: dropout, replace: replace,
            observe: observe, observeGradient: observeGradient)
        if isHalfOnly && onlyForProducts { return pass.halfForward(on: self) }
        let (out, probabilities) = pass.forward(on: self)
        record { tape in
            guard let dOut = out.gradient else { return }
            pass.backward(from: dOut, probabilities, on: tape)
        }
        return out
    }
}

/// One call of attention: its inputs, and how large each document is.
struct AttentionPass {
    let queries, keys, values: AttentionInput
    let heads, headSize: Int
    let queryStarts, keyStarts: [Int]
    let dropout: Dropout?
    let replace, observe, observeGradient: ((Int, Tensor) -> Void)?

    init(
        queries: AttentionInput, keys: AttentionInput, values: AttentionInput, heads: Int,
        headSize: Int, queryStarts: [Int], keyStarts: [Int], dropout: Dropout?,
        replace: ((Int, Tensor) -> Void)?, observe: ((Int, Tensor) -> Void)?,
        observeGradient: ((Int, Tensor) -> Void)?
    ) {
        let hidden = heads * headSize
        for input in [queries, keys, values] {
            precondition(
                input.column >= 0 && input.column + hidden <= input.variable.columns,
                "heads · headSize columns are read")
        }
        precondition(
            queryStarts.count == keyStarts.count && queryStarts.first == 0 && keyStarts.first == 0
                && queryStarts.last == queries.variable.rows
                && keyStarts.last == keys.variable.rows && keyStarts.last == values.variable.rows,
            "documents cover all rows")
        (self.queries, self.keys, self.values) = (queries, keys, values)
        (self.heads, self.headSize) = (heads, headSize)
        (self.queryStarts, self.keyStarts) = (queryStarts, keyStarts)
        self.dropout = dropout
        (self.replace, self.observe) = (replace, observe)
        self.observeGradient = observeGradient
    }

    var documents: Int { keyStarts.count - 1 }
    var hidden: Int { heads * headSize }
    func queryCount(_ document: Int) -> Int { queryStarts[document + 1] - queryStarts[document] }
    func keyCount(_ document: Int) -> Int { keyStarts[document + 1] - keyStarts[document] }
    /// Whether a document has neither queries nor keys to multiply.
    func isEmpty(_ document: Int) -> Bool { queryCount(document) == 0 || keyCount(document) == 0 }
    var hasEmptyDocuments: Bool { (0..<documents).contains { isEmpty($0) } }

    /// The most scores that a head of a document has.
    private var largest: Int {
        (0..<documents).map { queryCount($0) * keyCount($0) }.max() ?? 0
    }
    /// The most scratch memory that a document's forward pass takes, in elements.
    var largestScratch: Int {
        (0..<documents).filter { !isEmpty($0) }
            .map { warrant_attention_scratch(heads, headSize, queryCount($0), keyCount($0)) }
            .max() ?? 0
    }
    /// Floating-point operations of both products of a forward pass.
    private func operations(_ document: Int) -> Double {
        4 * Double(hidden) * Double(queryCount(document) * keyCount(document))
    }

    /// Some of a document's heads, which one worker computes.
    struct Heads {
        /// How many they are.
        let count: Int
        /// The stretch's number, for memory of its own.
        let part: Int
        /// How many probabilities stand before theirs.
        let probabilities: Int
        /// How many columns stand before theirs.
        let columns: Int
    }

    /// Runs `body`, timed, on stretches of a document's heads: on the pass's worker and, outside of
    /// passes that record, on its assistants at the same time. Each stretch has so many scores that its
    /// heads are multiplied one by one (`warrant_attention_block`), as all are.
    func divideHeads(_ document: Int, on tape: Tape, _ body: (Heads, Worker) -> Void) {
        let area = queryCount(document) * keyCount(document)
        let least = Int(warrant_attention_block) / max(area, 1) + 1
        func run(_ stretch: Range<Int>, _ part: Int, _ worker: Worker) {
            let share = Double(stretch.count) / Double(heads)
            worker.measure(.attention, operations: share * operations(document)) {
                body(
                    Heads(
                        count: stretch.count, part: part,
                        probabilities: stretch.lowerBound * area,
                        columns: stretch.lowerBound * headSize), worker)
            }
        }
        guard !tape.isRecording, heads >= 2 * least else {
            return run(0..<heads, 0, tape.worker)
        }
        tape.worker.divide(heads, multipleOf: 1, atLeast: least, run)
    }

    /// A document's inputs as the kernels take them.
    private func input(_ document: Int, _ dropout: warrant_dropout) -> warrant_attention {
        let (query, key) = (queryStarts[document], keyStarts[document])
        return warrant_attention(
            query_rows: queryCount(document), key_rows: keyCount(document), heads: heads,
            head_size: headSize, queries: queries.pointer(row: query),
            query_stride: queries.variable.columns, keys: keys.pointer(row: key),
            key_stride: keys.variable.columns, values: values.pointer(row: key),
            value_stride: values.variable.columns, dropout: dropout)
    }

    /// The result and, in a pass that records, each document's probabilities.
    func forward(on tape: Tape) -> (out: Variable, probabilities: [Tensor]) {
        let worker = tape.worker
        let out = tape.tensor(rows: queries.variable.rows, columns: hidden)
        if hasEmptyDocuments { out.clear() }
        var probabilities: [Tensor] = []
        let isKept = tape.isRecording
        let begin = worker.arena.mark
        let scratch = tape.tensor(rows: worker.assistants.count + 1, columns: largestScratch)
        for document in 0..<documents {
            let mark = worker.arena.mark
            let p =
                isKept || observe != nil || replace != nil
                ? tape.tensor(rows: heads * queryCount(document), columns: keyCount(document))
                : nil
            let result = out.pointer + queryStarts[document] * hidden
            if !isEmpty(document) {
                divideHeads(document, on: tape) { some, _ in
                    dropout.withKernel(from: queryStarts[document]) {
                        var attention = input(document, $0)
                        attention.heads = some.count
                        attention.queries += some.columns
                        attention.keys += some.columns
                        attention.values += some.columns
                        check(
                            warrant_attention_forward(
                                &attention, p.map { $0.pointer + some.probabilities },
                                result + some.columns, hidden,
                                scratch.pointer + some.part * largestScratch), "attention")
                    }
                }
            }
            if let p {
                if let replace, !isEmpty(document) {
                    replace(document, p)
                    worker.measure(.attention) {
                        dropout.withKernel(from: queryStarts[document]) {
                            var attention = input(document, $0)
                            check(
                                warrant_attention_mix(
                                    &attention, p.pointer, result, hidden, scratch.pointer),
                                "attention")
                        }
                    }
                }
                observe?(document, p)
                if isKept { probabilities.append(p) }
            }
            if !isKept { worker.arena.rewind(to: mark) }
        }
        if !isKept { worker.arena.rewind(to: begin) }
        return (Variable(out), probabilities)
    }

    /// Adds to the gradients of queries, keys and values.
    func backward(from dOut: Tensor, _ probabilities: [Tensor], on tape: Tape) {
        let inputs = replace == nil ? [queries, keys, values] : [values]
        let places = destinations(inputs, on: tape)
        let mark = tape.worker.arena.mark
        // 2 · `largest` numbers in a row: of two rows the arena would make sixteen.
        let scratch = tape.tensor(rows: 16, columns: (largest + 7) / 8)
        for document in 0..<documents where !isEmpty(document) {
            let (query, key) = (queryStarts[document], keyStarts[document])
            let d = dOut.pointer + query * hidden
            if let observeGradient {
                let mark = tape.worker.arena.mark
                let gradient = tape.tensor(
                    rows: heads * queryCount(document), columns: keyCount(document))
                probabilityGradient(d, row: key, into: gradient)
                observeGradient(document, gradient)
                tape.worker.arena.rewind(to: mark)
            }
            func place(_ input: Int, row: Int) -> (UnsafeMutablePointer<Float>, Int, Int32) {
                let (gradient, adds) = places[input]
                return (
                    gradient.pointer + row * gradient.columns + inputs[input].column,
                    gradient.columns, adds ? 1 : 0
                )
            }
            var gradients = warrant_attention_gradients()
            (gradients.values, gradients.value_stride, gradients.adds_to_values) = place(
                inputs.count - 1, row: key)
            if inputs.count > 1 {
                (gradients.queries, gradients.query_stride, gradients.adds_to_queries) = place(
                    0, row: query)
                (gradients.keys, gradients.key_stride, gradients.adds_to_keys) = place(1, row: key)
            }
            tape.worker.measure(.attention, operations: 2 * operations(document)) {
                dropout.withKernel(from: query) {
                    var attention = input(document, $0)
                    check(
                        warrant_attention_backward(
                            &attention, probabilities[document].pointer, d, hidden, &gradients,
                            scratch.pointer), "attention backward")
                }
            }
        }
        tape.worker.arena.rewind(to: mark)
    }

    /// Where each input's gradient goes. What is written for the first time is written once and as
    /// a whole: where inputs share columns, or leave some out, it starts with zeros.
    private func destinations(
        _ inputs: [AttentionInput], on tape: Tape
    ) -> [(Tensor, accumulate: Bool)] {
        var known: [ObjectIdentifier: (Tensor, accumulate: Bool)] = [:]
        return inputs.map { input in
            let identifier = ObjectIdentifier(input.variable)
            if let place = known[identifier] { return place }
            var place = tape.destination(input.variable)
            let columns = inputs.filter { $0.variable === input.variable }.map(\.column).sorted()
            let isTiled =
                columns == columns.indices.map { $0 * hidden }
                && columns.count * hidden == input.variable.columns
            if !place.accumulate && (!isTiled || hasEmptyDocuments) {
                place.0.clear()
                place.accumulate = true
            }
            known[identifier] = place
            return place
        }
    }

    /// dP = dOut Vᵀ for each head of a document whose keys begin at `row`.
    private func probabilityGradient(
        _ dOut: UnsafePointer<Float>, row: Int, into gradient: Tensor
    ) {
        let queries = gradient.rows / heads
        for head in 0..<heads {
            check(
                warrant_product(
                    0, 1, queries, gradient.columns, headSize, dOut + head * headSize, hidden,
                    values.pointer(row: row) + head * headSize, values.variable.columns, 0,
                    gradient.pointer + head * queries * gradient.columns, gradient.columns),
                "attention's gradient")
        }
    }
}
