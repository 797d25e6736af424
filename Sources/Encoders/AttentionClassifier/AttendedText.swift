import Tensors
import Tokenization

/// A text whose states are held fixed: the weights that its words have, and all that the logits of a
/// classifier with attention depend on if the words are given other weights a.
///
/// | | values vᵢ | logits |
/// | --- | --- | --- |
/// | one sequence | U hᵢ [outputs] | Σ aᵢ vᵢ + b |
/// | a text with a question | A hᵢ [D/2] | U tanh(Σ aᵢ vᵢ + a + A' q + a') + b |
///
/// So no state is read again, whatever the number of weights that are tried (`AttentionHead` has the
/// names).
package struct AttendedText: Sendable {
    /// The layer between context and logits that a head of two sequences has.
    package struct Inner: Sendable {
        /// a + A' q + a' [width].
        package let offset: [Float]
        /// U [outputs, width].
        package let output: [Float]

        /// An inner layer.
        package init(offset: [Float], output: [Float]) {
            self.offset = offset
            self.output = output
        }
    }

    /// The model's weights [words], or what a probe had in their place.
    package let attention: [Float]
    /// v [words, width].
    package let values: [Float]
    /// nil for one sequence.
    package let inner: Inner?
    /// b [outputs].
    package let bias: [Float]

    /// A text from its parts.
    package init(attention: [Float], values: [Float], inner: Inner? = nil, bias: [Float]) {
        self.attention = attention
        self.values = values
        self.inner = inner
        self.bias = bias
        precondition(!bias.isEmpty, "a classifier has a logit")
        precondition(values.count == attention.count * width, "a value for each word")
        precondition(
            inner.map { $0.output.count == bias.count * width } ?? true,
            "an output layer reads the inner one")
    }

    /// How many words there are.
    package var words: Int { attention.count }
    /// How many logits there are.
    package var outputs: Int { bias.count }
    /// The size of a word's value.
    package var width: Int { inner?.offset.count ?? outputs }
}

extension AttentionHead {
    /// The words' values [tokens, width] and, for two sequences, each document's offset
    /// [documents, width].
    ///
    /// - Parameters:
    ///   - states: h [tokens, D].
    ///   - q: each document's question [documents, D]; nil for one sequence.
    func values(
        _ states: Variable, question q: Variable?, _ batch: PackedBatch, on tape: Tape
    ) -> (values: Variable, offset: Variable?) {
        let layer = context ?? output
        let values = tape.linear(
            states, weight: layer.weight, bias: nil, documents: batch.starts)
        guard let context, let question, let q else { return (values, nil) }
        let offset = question(q, documents: batch.clsStarts, on: tape)
        for document in 0..<batch.count {
            let row = document * offset.columns
            for (column, bias) in tape.parameters[context.bias].buffer.enumerated() {
                offset.value.buffer[row + column] += bias
            }
        }
        return (values, offset)
    }
}

extension AttentionClassifier {
    /// What `body` makes of each document's number and of the document with its states held fixed.
    ///
    /// - Parameters:
    ///   - questions: as many as documents, for a model of pairs.
    ///   - probe: as for `trace`.
    ///   - body: runs on the workers; it must not call them.
    /// - Precondition: ids are below the vocabulary's size.
    package func attend<Result: Sendable>(
        _ documents: [TokenizedDocument], questions: [TokenizedDocument]? = nil,
        probe: (@Sendable (Range<Int>) -> any Probe)? = nil, workers: Workers,
        _ body: @Sendable (Int, AttendedText) -> Result
    ) -> [Result] {
        precondition(
            questions.map { $0.count == documents.count } ?? true, "a question for each document")
        let lengths = documents.indices.map {
            documents[$0].ids.count + (questions?[$0].ids.count ?? 0)
        }
        let bias = parameters[head.output.bias].values
        // Of two sequences; shared by all texts.
        let output = head.context.map { _ in parameters[head.output.weight].values }
        return workers.mapDocuments(lengths: lengths, shardTokens: Self.shardTokens) {
            range, worker in
            worker.arena.rewind()
            let batch = PackedBatch(documents[range])
            let tape = Tape(worker: worker, parameters: parameters, packsWeights: true)
            let pass = self(
                batch, questions: questions.map { PackedBatch($0[range]) }, on: tape,
                probes: PassProbes(probe?(range)))
            let (values, offset) = head.values(
                pass.states, question: pass.question, batch, on: tape)
            return range.enumerated().map { document, number in
                let words = batch.range(document).filter { batch.isWord[$0] }
                let text = AttendedText(
                    attention: words.map { pass.head.attention.value[$0, 0] },
                    values: words.flatMap { values.value.rowValues($0) },
                    inner: offset.flatMap { offset in
                        output.map {
                            .init(offset: offset.value.rowValues(document), output: $0)
                        }
                    }, bias: bias)
                return body(number, text)
            }
        }
    }
}

extension Tensor {
    /// A copy of a row.
    fileprivate func rowValues(_ row: Int) -> [Float] {
        Array(buffer[(row * columns)..<((row + 1) * columns)])
    }
}
