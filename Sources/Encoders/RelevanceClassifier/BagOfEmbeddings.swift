import Tensors
import Tokenization

/// A classifier of the mean of a document's embeddings: logit = w · ē + b (Snell et al. 2021, section
/// 3). It reads words without their order, so a word's output relevance is e · w wherever it stands.
package final class BagOfEmbeddings: Sendable {
    /// `embedding`, and `output` (w and b).
    package let parameters: Parameters
    private let embedding: Parameter
    private let output: LinearParameters

    /// A model whose parameters are all zero.
    package init(vocabularySize: Int, embeddingSize: Int = 256) {
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        embedding = scope["embedding"].parameter(
            "weight", [vocabularySize, embeddingSize], kind: .table)
        output = LinearParameters(scope["output"], inputs: embeddingSize, outputs: 1)
        parameters = Parameters(declarations)
    }

    private init(_ original: BagOfEmbeddings) {
        (embedding, output) = (original.embedding, original.output)
        parameters = original.parameters.copy()
    }

    /// The same model with parameters of its own.
    package func copy() -> BagOfEmbeddings { BagOfEmbeddings(self) }

    /// New values for all parameters, as PyTorch starts them.
    package func initialize(seed: UInt64) {
        parameters.initializeNormal(embedding, zeroRow: -1, seed: seed)
        output.initialize(parameters, seed: seed)
    }

    /// [documents, 1].
    private func logits(_ batch: PackedBatch, on tape: Tape) -> Variable {
        let words = tape.embedding(table: embedding, ids: batch.ids)
        return output(
            tape.mean(words, documents: batch.starts), documents: batch.clsStarts, on: tape)
    }

    /// One shard of a training step: forward, each document's cross-entropy, and backward with each
    /// document's loss weighted by `weight`.
    ///
    /// - Returns: each document's loss, not weighted.
    package func trainingPass(
        _ batch: PackedBatch, labels: [Int], weight: Double, on tape: Tape
    ) -> [Double] {
        precondition(labels.count == batch.count, "a label for each document")
        let logits = logits(batch, on: tape)
        let losses = zip(labels, logits.rowValues).map {
            BinaryCrossEntropy.loss($1[0], label: $0)
        }
        tape.backward(from: logits, seed: losses.map { Float($0.gradient * weight) })
        return losses.map(\.loss)
    }

    /// Each document's logit of class 1.
    package func logits(_ documents: [TokenizedDocument], workers: Workers) -> [Float] {
        workers.mapDocuments(
            lengths: documents.map(\.ids.count), shardTokens: AttentionClassifier.shardTokens
        ) { range, worker in
            worker.arena.rewind()
            let tape = Tape(worker: worker, parameters: self.parameters, packsWeights: true)
            return self.logits(PackedBatch(documents[range]), on: tape).value.values
        }
    }

    /// e · w of each word of the vocabulary, by id.
    package var relevance: [Double] {
        let (table, weight) = (parameters[embedding], parameters[output.weight].values)
        return (0..<table.rows).map { word in
            zip(table.elements(ofRow: word), weight).reduce(0) {
                $0 + Double($1.0) * Double($1.1)
            }
        }
    }
}
