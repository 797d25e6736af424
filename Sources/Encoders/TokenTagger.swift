import Files
import Tensors
import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An encoder with one logit for each token, `BertForTokenClassification` of `transformers`: the
/// probability that a word belongs to the rationale is the largest of its pieces' (Jain, Wiegreffe,
/// Pinter & Wallace 2020, section 3: the extractor `ext` as a tagger).
public final class TokenTagger: Sendable {
    /// The name of the one class.
    package static let label = "rationale"

    /// The encoder and its head, without a pooler.
    package let model: SequenceClassifier

    /// A tagger from an encoder folder, with a new head.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`.
    package convenience init(encoder folder: URL, seed: UInt64) throws {
        try self.init(encoder: FolderFiles(folder.path), seed: seed)
    }

    /// A tagger from an encoder's files that may have been read already, with a new head.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`, `FileError`.
    package init(encoder folder: FolderFiles, seed: UInt64) throws {
        var configuration = try EncoderConfiguration(folder)
        configuration.labels = [Self.label]
        model = try SequenceClassifier(
            encoder: folder, configuration: configuration, hasPooler: false, seed: seed)
    }

    /// A trained tagger from a folder.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`, `FileError`.
    package convenience init(folder: URL) throws { try self.init(FolderFiles(folder.path)) }

    /// A trained tagger from files that may have been read already.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`, `FileError`.
    package init(_ folder: FolderFiles) throws {
        let configuration = try EncoderConfiguration(folder)
        guard configuration.labels == [Self.label] else {
            throw EncoderError.invalid(
                folder.path(of: "config.json"),
                "id2label names the classes \(configuration.labels); expected \"\(Self.label)\" alone: "
                    + "this is not a tagger")
        }
        model = try SequenceClassifier(folder, configuration: configuration, hasPooler: false)
    }

    /// A tagger of a model that has been trained.
    package init(model: SequenceClassifier) {
        precondition(model.labels == [Self.label], "a tagger has one class")
        self.model = model
    }

    /// For each window the probability of each of its `wholeWords`; 0 for a word without pieces. A
    /// window's do not depend on the others or on the number of threads.
    package func probabilities(_ windows: [TokenizedDocument], workers: Workers) -> [[Float]] {
        model.tokenLogits(windows, workers: workers) { window, logits in
            windows[window].largestPieces(logits).map { piece in
                piece.map { Float(1 / (1 + exp(-Double(logits[$0])))) } ?? 0
            }
        }
    }

    /// One shard of a training step: the mean over a document's words of their binary cross-entropy,
    /// words of the rationale weighted by `positiveWeight`, and backward with each document's loss
    /// weighted by `weight` (1 / batch size).
    ///
    /// - Parameters:
    ///   - windows: those of all documents of the shard.
    ///   - counts: how many windows each document has.
    ///   - targets: for each window, whether each of its `wholeWords` belongs to the rationale.
    /// - Returns: each document's loss, unweighted.
    package func trainingPass(
        _ batch: PackedBatch, windows: [TokenizedDocument], counts: [Int], targets: [[Bool]],
        positiveWeight: Double, weight: Double, on tape: Tape
    ) -> [Double] {
        let logits = model.tokenLogits(batch, on: tape)
        var seed = [Float](repeating: 0, count: batch.tokens)
        var losses: [Double] = []
        var first = 0
        for count in counts {
            defer { first += count }
            var terms: [(token: Int, loss: Double, gradient: Double)] = []
            for window in first..<(first + count) {
                let start = batch.range(window).lowerBound
                let tokens = windows[window].ids.count
                let values = (0..<tokens).map { logits.value[start + $0, 0] }
                let pieces = windows[window].largestPieces(values)
                precondition(targets[window].count == pieces.count, "a target for each word")
                for (piece, target) in zip(pieces, targets[window]) {
                    guard let piece else { continue }
                    let logit = Double(values[piece])
                    let probability = 1 / (1 + exp(-logit))
                    // -log σ(z) = log(1 + e^-z), and -log(1 - σ(z)) = log(1 + e^z).
                    let signed = target ? -logit : logit
                    let loss = max(signed, 0) + log1p(exp(-abs(signed)))
                    let scale = target ? positiveWeight : 1
                    terms.append(
                        (
                            start + piece, scale * loss,
                            scale * (probability - (target ? 1 : 0))
                        ))
                }
            }
            let share = 1 / Double(max(1, terms.count))
            losses.append(terms.reduce(0) { $0 + $1.loss } * share)
            for term in terms { seed[term.token] += Float(term.gradient * share * weight) }
        }
        tape.backward(from: logits, seed: seed)
        return losses
    }
}

extension TokenizedDocument {
    /// For each of `wholeWords` the token of its piece with the largest value, the first of equal
    /// ones; nil for a word without pieces.
    func largestPieces(_ values: [Float]) -> [Int?] {
        var best = [Int?](repeating: nil, count: wholeWords.count)
        for (token, word) in wordIndices.enumerated() where wholeWords.contains(Int(word)) {
            let place = Int(word) - wholeWords.lowerBound
            if best[place].map({ values[token] > values[$0] }) ?? true { best[place] = token }
        }
        return best
    }
}
