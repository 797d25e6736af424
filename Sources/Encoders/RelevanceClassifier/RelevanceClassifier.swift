import Tensors
import Tokenization

/// A classifier whose logit is the mean of its tokens' output relevance, weighted by attention (Snell et
/// al. 2021, section 2; `classification` of `Sea-Snell/AttentionDynamics`): a bidirectional LSTM gives
/// states hᵢ, start and end symbol included, and
///
///     α = softmax(w₂ · ReLU(W₁ hᵢ + b₁) + b₂),  βᵢ = w · hᵢ + b,  logit = Σ αᵢ βᵢ.
///
/// The logit is that of class 1 of two. Outside of training a document's numbers do not depend on the
/// others or on the number of threads.
package final class RelevanceClassifier: Sendable {
    /// What the weights of attention are.
    package enum Attention: Sendable {
        /// Softmax of the scores.
        case learned
        /// 1 / n at each of n tokens; the scores' parameters get no gradient.
        case uniform
    }

    /// Every number of the model, under the names that PyTorch's layers give them: `embedding`, `rnn`,
    /// `intermediate` (W₁ and b₁), `attention` (w₂ and b₂), `relevance` (w and b).
    package let parameters: Parameters
    private let encoder: LSTMEncoder
    private let intermediate, attention, relevance: LinearParameters

    /// A model whose parameters are all zero.
    ///
    /// - Parameters:
    ///   - shape: its hidden size is that of each direction; the authors' is 256.
    ///   - attentionSize: how many rows W₁ has.
    package init(_ shape: WordEncoderShape, attentionSize: Int = 256) {
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        encoder = LSTMEncoder(scope, shape)
        let width = encoder.hiddenSize
        intermediate = LinearParameters(
            scope["intermediate"], inputs: width, outputs: attentionSize)
        attention = LinearParameters(scope["attention"], inputs: attentionSize, outputs: 1)
        relevance = LinearParameters(scope["relevance"], inputs: width, outputs: 1)
        parameters = Parameters(declarations)
    }

    /// New values for all parameters as PyTorch starts them, each from a stream of its own.
    package func initialize(seed: UInt64) {
        encoder.initialize(parameters, seed: seed)
        for layer in [intermediate, attention, relevance] {
            layer.initialize(parameters, seed: seed)
        }
    }

    /// The values of a pass over a batch.
    package struct Pass {
        /// The embeddings [tokens, embedding size].
        package let embedded: Variable
        /// α [tokens, 1].
        package let attention: Variable
        /// β [tokens, 1].
        package let relevance: Variable
        /// [documents, 1].
        package let logits: Variable
    }

    /// A pass over a batch.
    package func callAsFunction(
        _ batch: PackedBatch, _ kind: Attention = .learned, on tape: Tape
    ) -> Pass {
        let encoded = encoder(batch, on: tape, rows: .all, probes: .none)
        let h = encoded.states
        let weights: Variable
        switch kind {
        case .learned:
            let inner = tape.relu(
                intermediate(h, documents: batch.starts, on: tape), inPlace: true)
            weights = tape.softmax(
                attention(inner, documents: batch.starts, on: tape), documents: batch.starts)
        case .uniform:
            let values = (0..<batch.count).flatMap { document in
                let count = batch.range(document).count
                return Array(repeating: 1 / Float(count), count: count)
            }
            weights = Variable(Tensor(values, rows: values.count, columns: 1))
        }
        let beta = relevance(h, documents: batch.starts, on: tape)
        return Pass(
            embedded: encoded.embedded, attention: weights, relevance: beta,
            logits: tape.weightedSum(beta, weights: weights, documents: batch.starts))
    }

    /// One shard of a training step: forward, each document's cross-entropy, and backward with each
    /// document's loss weighted by `weight`.
    ///
    /// - Parameter labels: each document's class, 0 or 1.
    /// - Returns: each document's loss, not weighted.
    package func trainingPass(
        _ batch: PackedBatch, _ kind: Attention = .learned, labels: [Int], weight: Double,
        on tape: Tape
    ) -> [Double] {
        precondition(labels.count == batch.count, "a label for each document")
        let logits = self(batch, kind, on: tape).logits
        let losses = zip(labels, logits.rowValues).map {
            BinaryCrossEntropy.loss($1[0], label: $0)
        }
        tape.backward(from: logits, seed: losses.map { Float($0.gradient * weight) })
        return losses.map(\.loss)
    }
}

/// What a pass over one document gave.
package struct RelevanceTrace: Sendable {
    /// α of each token, start and end symbol included.
    package let attention: [Float]
    /// Output relevance β of each token: towards class 1.
    package let relevance: [Float]
    /// Of class 1.
    package let logit: Float
    /// Influence Δᵢ = -∂loss/∂gᵢ, with gᵢ = 1 a gate that multiplies token i's embedding: positive where
    /// more of the token helps the right answer. Nil where it was not asked for.
    package let influence: [Float]?
}

extension RelevanceClassifier {
    /// A trace of each document.
    ///
    /// - Parameter labels: each document's class, with which influence is taken; nil: it is not wanted.
    package func trace(
        _ documents: [TokenizedDocument], _ kind: Attention = .learned,
        influenceOn labels: [Int]? = nil,
        workers: Workers
    ) -> [RelevanceTrace] {
        precondition(
            labels.map { $0.count == documents.count } ?? true, "a label for each document")
        return workers.mapDocuments(
            lengths: documents.map(\.ids.count), shardTokens: AttentionClassifier.shardTokens
        ) { range, worker in
            worker.arena.rewind()
            let batch = PackedBatch(documents[range])
            let tape = Tape(
                worker: worker, parameters: self.parameters, isRecording: labels != nil,
                packsWeights: labels == nil)
            let pass = self(batch, kind, on: tape)
            if let labels {
                let seed = zip(labels[range], pass.logits.rowValues).map {
                    Float(BinaryCrossEntropy.loss($1[0], label: $0).gradient)
                }
                tape.backward(from: pass.logits, seed: seed)
            }
            return (0..<batch.count).map { document in
                RelevanceTrace(
                    attention: batch.rows(document, of: pass.attention.value),
                    relevance: batch.rows(document, of: pass.relevance.value),
                    logit: pass.logits.value[document, 0],
                    influence: labels == nil
                        ? nil : Self.influence(pass.embedded, of: batch.range(document)))
            }
        }
    }

    /// -Σ over columns of embedding · gradient, of each row.
    private static func influence(_ embedded: Variable, of rows: Range<Int>) -> [Float] {
        guard let gradient = embedded.gradient else { return rows.map { _ in 0 } }
        return rows.map { row in
            let products = zip(embedded.value.elements(ofRow: row), gradient.elements(ofRow: row))
            return Float(-products.reduce(0) { $0 + Double($1.0) * Double($1.1) })
        }
    }
}
