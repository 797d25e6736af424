import Tensors

/// An encoder of packed token sequences: returns a state for each token.
///
/// `Bert` is one, for the families in `Families`; those in `WordEncoders` read words of a vocabulary of
/// their own. A model is an encoder with a head: `SequenceClassifier`, `TokenTagger`,
/// `AttentionClassifier`. (The name leaves the standard library's `Encoder` to `Codable`.)
package protocol TextEncoder: Sendable {
    /// The width of a state.
    var hiddenSize: Int { get }
    /// The longest sequence, special tokens included.
    var maximumLength: Int { get }
    /// The table of word embeddings [vocabulary, width].
    var wordEmbeddings: Parameter { get }

    /// The states of a batch, computed on a tape.
    ///
    /// - Parameters:
    ///   - rows: of which tokens the last layer's states are computed.
    ///   - probes: read and replace values of the pass.
    func callAsFunction(
        _ batch: PackedBatch, on tape: Tape, rows: StateRows, probes: PassProbes
    ) -> EncodedBatch
}

/// Tokens whose last states are computed.
package enum StateRows: Sendable {
    /// Every token.
    case all
    /// Only the first token of each document, [CLS]: all that a classification needs. An encoder that
    /// has no such token gives what stands for the whole document in its place (`WordEncoder`).
    case cls
}

/// What an encoder makes of a batch.
package struct EncodedBatch {
    /// The last layer's states: [tokens, hidden], or [documents, hidden] of `StateRows.cls`.
    package let states: Variable
    /// The sum of embeddings that the pass began with [tokens, hidden]; its gradient is that of the
    /// word embeddings.
    package let embedded: Variable

    /// States, and the embeddings that they were computed from.
    package init(states: Variable, embedded: Variable) {
        self.states = states
        self.embedded = embedded
    }
}
