import Tensors

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A model that translates words without attention and without order: p(word) = softmax(O ē + o), with
/// ē the mean of the source words' embeddings (Snell et al. 2021, section 4). All that it can learn is
/// which words occur together.
package final class TranslationDictionary: Sendable {
    /// `embedding`, and `output` (O and o).
    package let parameters: Parameters
    private let embedding: Parameter
    private let output: LinearParameters

    /// A model whose parameters are all zero.
    package init(vocabularySize: Int, embeddingSize: Int = 256) {
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        embedding = scope["embedding"].parameter(
            "weight", [vocabularySize, embeddingSize], kind: .table)
        output = LinearParameters(
            scope["output"], inputs: embeddingSize, outputs: vocabularySize)
        parameters = Parameters(declarations)
    }

    /// New values for all parameters, as PyTorch starts them.
    package func initialize(seed: UInt64) {
        parameters.initializeNormal(embedding, zeroRow: -1, seed: seed)
        output.initialize(parameters, seed: seed)
    }

    /// The logits [documents, vocabulary] of stretches of source words.
    private func logits(_ ids: [Int32], documents: [Int], on tape: Tape) -> Variable {
        let mean = tape.mean(
            tape.embedding(table: embedding, ids: ids), documents: documents)
        return output(mean, documents: Array(0..<documents.count), on: tape)
    }

    /// One shard of a training step: each pair's mean cross-entropy over its words, and backward with
    /// each pair's loss weighted by `weight`.
    ///
    /// - Returns: each pair's loss, not weighted.
    package func trainingPass(_ pairs: PackedPairs, weight: Double, on tape: Tape) -> [Double] {
        let logits = logits(pairs.sources, documents: pairs.sourceStarts, on: tape)
        var seed: [Float] = []
        let losses = (0..<pairs.count).map { pair in
            let rows = pairs.targets(pair)
            let share = 1 / Double(rows.count)
            let probabilities = CrossEntropy.probabilities(logits.value.elements(ofRow: pair))
            var gradient = probabilities
            for row in rows { gradient[Int(pairs.words[row])] -= share }
            seed += gradient.map { Float($0 * weight) }
            let logarithms = probabilities.map { -log($0) }
            return rows.reduce(0) { $0 + share * logarithms[Int(pairs.words[$1])] }
        }
        tape.backward(from: logits, seed: seed)
        return losses
    }

    /// Output relevance [target word][source word]: the logit of the target word's probability where
    /// the source is that one word.
    package func relevance(workers: Workers) -> [[Double]] {
        let words = 0..<embedding.rows
        let rows = workers.map(1) { _, worker in
            worker.arena.rewind()
            let tape = Tape(worker: worker, parameters: self.parameters)
            let logits = self.logits(
                words.map { Int32($0) }, documents: Array(0...words.count), on: tape)
            return words.map { Array(logits.value.elements(ofRow: $0)) }
        }[0]
        return words.map { target in
            words.map { SequenceToSequence.logitOfProbability(rows[$0], label: target) }
        }
    }
}
