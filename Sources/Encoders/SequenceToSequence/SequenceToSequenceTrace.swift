import Tensors

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What a pass over one pair gave.
package struct SequenceToSequenceTrace: Sendable {
    /// [targets, vocabulary]: the logits of each word of the target after its start.
    package let logits: [[Float]]
    /// α [targets, sources].
    package let attention: [[Float]]
    /// Output relevance β [targets, sources]: the logit ln(p / (1 - p)) of the right word's probability
    /// where attention is one-hot at the source position (Snell et al. 2021, section 3); nil where it
    /// was not asked for.
    package let relevance: [[Double]]?
    /// The mean cross-entropy of the words.
    package let loss: Double

    /// The most likely word at each target position, the first of equal ones.
    package var predictions: [Int] { logits.map(\.indexOfLargest) }
}

extension SequenceToSequence {
    /// Pairs that one pass takes at most.
    private static let shardPairs = 16

    /// A trace of each pair.
    ///
    /// - Parameter relevance: whether output relevance is wanted, which costs a row for each target and
    ///   source position.
    package func trace(
        _ pairs: [SequencePair], _ attention: Attention = .learned, relevance: Bool = false,
        workers: Workers
    ) -> [SequenceToSequenceTrace] {
        let lengths = pairs.map { $0.source.count + $0.target.count }
        let longest = lengths.max() ?? 1
        return workers.mapDocuments(lengths: lengths, shardTokens: Self.shardPairs * longest) {
            range, worker in
            worker.arena.rewind()
            let tape = Tape(worker: worker, parameters: self.parameters, packsWeights: true)
            let batch = PackedPairs(pairs[range])
            let pass = self(batch, attention, on: tape)
            return (0..<batch.count).map { pair in
                let beta =
                    relevance ? self.relevance(pass, batch, pair: pair, on: tape) : nil
                return Self.trace(pass, batch, pair: pair, relevance: beta)
            }
        }
    }

    private static func trace(
        _ pass: Pass, _ batch: PackedPairs, pair: Int, relevance: [[Double]]?
    ) -> SequenceToSequenceTrace {
        let targets = batch.targets(pair)
        let starts = pass.matrices.rowStarts
        let logits = targets.map { Array(pass.logits.value.elements(ofRow: $0)) }
        let losses = zip(targets, logits).map { row, logits in
            CrossEntropy.loss(logits, label: Int(batch.words[row])).loss
        }
        return SequenceToSequenceTrace(
            logits: logits,
            attention: targets.map {
                Array(pass.attention.value.buffer[starts[$0]..<starts[$0 + 1]])
            },
            relevance: relevance, loss: losses.reduce(0, +) / Double(losses.count))
    }

    /// β [targets, sources] of a pair.
    private func relevance(
        _ pass: Pass, _ batch: PackedPairs, pair: Int, on tape: Tape
    ) -> [[Double]] {
        let sources = batch.sourceStarts[pair + 1] - batch.sourceStarts[pair]
        return tape.releasingMemory {
            let logits = oneHotLogits(pass, batch, pair: pair, on: tape)
            return batch.targets(pair).enumerated().map { target, row in
                (0..<sources).map { source in
                    Self.logitOfProbability(
                        logits.value.elements(ofRow: target * sources + source),
                        label: Int(batch.words[row]))
                }
            }
        }
    }

    /// ln(p / (1 - p)) of softmax's probability of `label`: its logit less the logarithm of the sum of
    /// the others' powers, which keeps its digits where p is close to 1.
    package static func logitOfProbability(_ logits: [Float], label: Int) -> Double {
        logits.withUnsafeBufferPointer { logitOfProbability($0, label: label) }
    }

    static func logitOfProbability(_ logits: UnsafeBufferPointer<Float>, label: Int) -> Double {
        var largest = -Double.infinity
        for place in logits.indices where place != label {
            largest = max(largest, Double(logits[place]))
        }
        var sum = 0.0
        for place in logits.indices where place != label {
            sum += exp(Double(logits[place]) - largest)
        }
        return Double(logits[label]) - largest - log(sum)
    }
}
