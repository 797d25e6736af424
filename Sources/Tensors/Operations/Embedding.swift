import CKernels

extension Tape {
    /// words[word id] + positions[position] + segments[segment] for every token (Devlin et al.
    /// 2019); without the last where there are no segments.
    ///
    /// - Parameters:
    ///   - words: [vocabulary, hidden], kept by row.
    ///   - positions: [maximum length, hidden].
    ///   - segments: [segments, hidden], or nil.
    /// - Returns: [tokens, hidden]. Its gradient is that of the word embeddings, token by token.
    package func embedding(
        words: Parameter, positions: Parameter, segments: Parameter?, wordIDs: [Int32],
        positionIDs: [Int32], segmentIDs: [Int32]
    ) -> Variable {
        let (rows, columns) = (wordIDs.count, words.columns)
        precondition(positionIDs.count == rows && segmentIDs.count == rows, "one id for each token")
        // By row of the table; those of words have their own way back.
        let added = [(positionIDs, positions)] + (segments.map { [(segmentIDs, $0)] } ?? [])
        for (ids, table) in [(wordIDs, words)] + added {
            precondition(
                ids.allSatisfy { $0 >= 0 && $0 < table.rows }, "an id past the end of \(table.name)"
            )
        }
        let out = Variable(tensor(rows: rows, columns: columns))
        worker.measure(.elementwise) {
            warrant_embedding_sum(
                out.value.pointer, parameters[words].pointer, parameters[positions].pointer,
                segments.map { UnsafePointer(parameters[$0].pointer) }, wordIDs, positionIDs,
                segmentIDs, rows, columns)
        }
        record { tape in
            guard let gradients = tape.gradients, let dOut = out.gradient else { return }
            gradients.add(rows: wordIDs, values: dOut, to: words)
            tape.worker.measure(.elementwise) {
                for (ids, table) in added {
                    let sums = gradients.accumulator(table)
                    for (row, id) in ids.enumerated() {
                        warrant_add(
                            sums + Int(id) * columns, dOut.pointer + row * columns, columns)
                    }
                }
            }
        }
        return out
    }
}
