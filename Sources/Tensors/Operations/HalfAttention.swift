import CKernels

extension AttentionPass {
    /// The forward pass with operands in bfloat16.
    func halfForward(on tape: Tape) -> Variable {
        let worker = tape.worker
        let inputs = [queries, keys, values].map {
            ($0, UnsafePointer(tape.half($0.variable).pointer))
        }
        func pointer(_ input: Int, row: Int) -> UnsafePointer<UInt16> {
            let (place, start) = inputs[input]
            return start + row * place.variable.columns + place.column
        }
        let out = worker.arena.half(rows: queries.variable.rows, columns: hidden)
        if hasEmptyDocuments { out.pointer.update(repeating: 0, count: out.count) }
        let begin = worker.arena.mark
        let parts = worker.assistants.count + 1
        let scores = tape.tensor(rows: parts, columns: largestScratch)
        let rounded = worker.arena.half(rows: parts, columns: largestScratch)
        for document in 0..<documents {
            let mark = worker.arena.mark
            let p =
                observe == nil && replace == nil
                ? nil
                : tape.tensor(rows: heads * queryCount(document), columns: keyCount(document))
            let (query, key) = (queryStarts[document], keyStarts[document])
            var attention = warrant_half_attention(
                query_rows: queryCount(document), key_rows: keyCount(document), heads: heads,
                head_size: headSize, queries: pointer(0, row: query),
                query_stride: queries.variable.columns, keys: pointer(1, row: key),
                key_stride: keys.variable.columns, values: pointer(2, row: key),
                value_stride: values.variable.columns)
            let result = out.pointer + query * hidden
            if !isEmpty(document) {
                let whole = attention
                divideHeads(document, on: tape) { some, worker in
                    var attention = whole
                    attention.heads = some.count
                    attention.queries += some.columns
                    attention.keys += some.columns
                    attention.values += some.columns
                    check(
                        warrant_half_attention_forward(
                            worker.products, &attention,
                            p.map { $0.pointer + some.probabilities }, result + some.columns,
                            hidden, scores.pointer + some.part * largestScratch,
                            rounded.pointer + some.part * largestScratch), "attention")
                }
            }
            if let p {
                if let replace, !isEmpty(document) {
                    replace(document, p)
                    worker.measure(.attention) {
                        check(
                            warrant_half_attention_mix(
                                worker.products, &attention, p.pointer, result, hidden,
                                rounded.pointer), "attention")
                    }
                }
                observe?(document, p)
            }
            worker.arena.rewind(to: mark)
        }
        worker.arena.rewind(to: begin)
        return Variable(out)
    }
}
