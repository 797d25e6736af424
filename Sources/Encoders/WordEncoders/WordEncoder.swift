import Tensors

/// An encoder that reads the words of a vocabulary of its own, a token each, of any length: the
/// encoders of the attention debate (Jain & Wallace 2019, section 2; `model/modules/Encoder.py` of
/// `successar/AttentionExplanation`).
///
/// A document is start, w₁ … wₙ, end. With `StateRows.all` the states are h [tokens, `hiddenSize`], of
/// start and end too; with `StateRows.cls` there is one vector for each document in their place,
/// `last` [documents, `hiddenSize`].
///
/// An encoder is one file in this folder, and one entry of `WordEncoders.all`.
package protocol WordEncoder: TextEncoder {
    /// What recordings and the command line call it.
    static var name: String { get }
    /// The table of word embeddings.
    var embedding: WordEmbedding { get }
    /// How many numbers a pass keeps of each token, those of an attention head with it: an estimate,
    /// from above.
    static func passNumbers(_ shape: WordEncoderShape) -> Int

    /// Declares the encoder's parameters within `scope`, under the names that PyTorch's layers give
    /// them.
    init(_ scope: ParameterScope, _ shape: WordEncoderShape)

    /// New values for all parameters but the table.
    func initializeLayers(_ parameters: Parameters, seed: UInt64)

    /// h [tokens, `hiddenSize`].
    func states(_ x: EmbeddedTokens, _ batch: PackedBatch, on tape: Tape) -> Variable

    /// `last` [documents, `hiddenSize`].
    func last(_ x: EmbeddedTokens, _ batch: PackedBatch, on tape: Tape) -> Variable

    /// The states of the documents, and of the same documents each without one of its tokens, on a tape
    /// that does not record. By default each is encoded anew; an encoder whose states share something
    /// with those of the whole document computes the rest alone.
    ///
    /// - Parameter x: the embeddings [tokens, embedding size].
    func omissions(_ x: Variable, _ batch: PackedBatch, on tape: Tape) -> OmissionStates
}

/// The size of a `WordEncoder`.
package struct WordEncoderShape: Sendable, Hashable {
    /// Rows of the table: padding, which is zero, unknown, start, end, and the words from 4 on.
    package var vocabularySize: Int
    /// The width of an embedding, E.
    package var embeddingSize: Int
    /// H: of each direction of an LSTM, else of a state.
    package var hiddenSize: Int

    /// A size; by default the authors' H and the E of their vectors.
    package init(vocabularySize: Int, embeddingSize: Int = 300, hiddenSize: Int = 128) {
        self.vocabularySize = vocabularySize
        self.embeddingSize = embeddingSize
        self.hiddenSize = hiddenSize
    }
}

/// The encoders by name.
package enum WordEncoders {
    /// Every encoder.
    package static let all: [any WordEncoder.Type] = [
        LSTMEncoder.self, ConvolutionalEncoder.self, AveragingEncoder.self,
    ]

    /// What they are called.
    package static var names: [String] { all.map { $0.name } }

    /// The encoder of this name; nil where there is none.
    package static func named(_ name: String) -> (any WordEncoder.Type)? {
        all.first { $0.name == name }
    }
}

/// The embeddings of a batch's tokens.
package struct EmbeddedTokens {
    /// [rows, embedding size].
    let rows: Variable
    /// The row of each token; nil: there is one for each. In training a word that stands in several
    /// places has one row, so that what is computed of it alone is computed once.
    let places: [Int]?

    /// A row for each token [tokens, embedding size].
    func each(on tape: Tape) -> Variable {
        places.map { tape.select(rows: $0, of: rows) } ?? rows
    }

    /// Where documents' rows begin, for what is computed row by row.
    func documents(_ batch: PackedBatch) -> [Int] { places == nil ? batch.starts : [0, rows.rows] }

    /// What was computed of each row, for each token.
    func placed(_ y: Variable, on tape: Tape) -> Variable {
        places.map { tape.select(rows: $0, of: y) } ?? y
    }
}

/// A table of word embeddings [vocabulary, embedding size] whose row 0, padding, is zero and stays so:
/// it gets no gradient.
package struct WordEmbedding: Sendable {
    /// The id of padding.
    package static let padding: Int32 = 0
    /// `embedding.weight`.
    package let table: Parameter

    /// Declares the table within an encoder's scope.
    init(_ scope: ParameterScope, _ shape: WordEncoderShape) {
        table = scope["embedding"].parameter(
            "weight", [shape.vocabularySize, shape.embeddingSize], kind: .table)
    }

    /// The embeddings of a batch [tokens, embedding size].
    func callAsFunction(_ batch: PackedBatch, on tape: Tape, probes: PassProbes) -> Variable {
        let words = tape.embedding(table: table, ids: batch.ids, zeroRow: Self.padding)
        probes.record(.wordEmbeddings, words.value, batch)
        return probes.replaced(.wordEmbeddings, words, batch, on: tape)
    }

    /// The embeddings of a batch's different words, and the place of each token among them.
    func unique(_ batch: PackedBatch, on tape: Tape) -> EmbeddedTokens {
        var known: [Int32: Int] = [:]
        var ids: [Int32] = []
        let places = batch.ids.map { id in
            if let place = known[id] { return place }
            known[id] = ids.count
            ids.append(id)
            return ids.count - 1
        }
        return EmbeddedTokens(
            rows: tape.embedding(table: table, ids: ids, zeroRow: Self.padding), places: places)
    }

    /// New values from N(0, 1), row 0 apart.
    func initialize(_ parameters: Parameters, seed: UInt64) {
        parameters.initializeNormal(table, zeroRow: Int(Self.padding), seed: seed)
    }
}

extension WordEncoder {
    /// No limit.
    package var maximumLength: Int { .max }
    /// The table of word embeddings [vocabulary, embedding size].
    package var wordEmbeddings: Parameter { embedding.table }

    /// New values for all parameters: the table from N(0, 1), but for row 0, and the layers as PyTorch
    /// starts them.
    package func initialize(_ parameters: Parameters, seed: UInt64) {
        embedding.initialize(parameters, seed: seed)
        initializeLayers(parameters, seed: seed)
    }

    /// h [tokens, hidden], or `last` [documents, hidden]. The embeddings are layer 0 of the hidden
    /// states, h or `last` is layer 1.
    package func callAsFunction(
        _ batch: PackedBatch, on tape: Tape, rows: StateRows, probes: PassProbes
    ) -> EncodedBatch {
        let x = tokens(batch, on: tape, probes: probes)
        let y = probes.replaced(
            .hiddenStates(layer: 1),
            rows == .all ? states(x, batch, on: tape) : last(x, batch, on: tape), batch, on: tape)
        if rows == .all { probes.record(.hiddenStates(layer: 1), y.value, batch) }
        return EncodedBatch(states: y, embedded: x.rows)
    }

    /// What the layers read: each word once in a step of training that looks at no embedding.
    private func tokens(
        _ batch: PackedBatch, on tape: Tape, probes: PassProbes
    ) -> EmbeddedTokens {
        let points = [ProbePoint.embeddings, .hiddenStates(layer: 0)]
        let isTraining = tape.gradients != nil && probes.trace == nil
        guard !isTraining || (points + [.wordEmbeddings]).contains(where: probes.isReplaced) else {
            return embedding.unique(batch, on: tape)
        }
        var x = embedding(batch, on: tape, probes: probes)
        for point in points { x = probes.replaced(point, x, batch, on: tape) }
        probes.record(.hiddenStates(layer: 0), x.value, batch)
        return EmbeddedTokens(rows: x, places: nil)
    }
}
