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
public final class TokenTagger: EncoderModel {
    /// The name of the one class.
    package static let label = "rationale"

    /// The encoder's shape.
    package let configuration: EncoderConfiguration
    /// The one class.
    package let labels = [TokenTagger.label]
    /// Every number of the model.
    package let parameters: Parameters
    /// What reads the tokens.
    package let encoder: any TextEncoder
    let head: TokenHead

    /// A tagger whose parameters are all zero.
    package init(_ configuration: EncoderConfiguration) {
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        self.configuration = configuration
        encoder = Bert(scope[configuration.family.names.encoder], configuration)
        head = TokenHead(scope, configuration)
        parameters = Parameters(declarations)
    }

    private init(_ original: TokenTagger, parameters: Parameters) {
        configuration = original.configuration
        encoder = original.encoder
        head = original.head
        self.parameters = parameters
    }

    /// The same tagger with parameters of its own.
    package func copy() -> TokenTagger { TokenTagger(self, parameters: parameters.copy()) }

    /// The head.
    package func newLayers(keepsPooler: Bool) -> [LinearParameters] { [head.output] }

    /// A tagger from an encoder folder, with a new head.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`.
    package convenience init(encoder folder: URL, seed: UInt64) throws {
        try self.init(encoder: FolderFiles(folder.path), seed: seed)
    }

    /// A tagger from an encoder's files that may have been read already, with a new head.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`, `FileError`.
    package convenience init(encoder folder: FolderFiles, seed: UInt64) throws {
        let configuration = try EncoderConfiguration(folder)
        let weights = try Self.weights(folder, configuration)
        self.init(configuration)
        try readEncoder(weights, of: folder, seed: seed)
    }

    /// A trained tagger from a folder.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`, `FileError`.
    package convenience init(folder: URL) throws { try self.init(FolderFiles(folder.path)) }

    /// A trained tagger from files that may have been read already.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`, `FileError`.
    package convenience init(_ folder: FolderFiles) throws {
        let file = try ModelConfiguration(folder)
        guard file.labels == [Self.label] else {
            throw EncoderError.invalid(
                folder.path(of: "config.json"),
                "id2label names the classes \(file.labels); expected \"\(Self.label)\" alone: "
                    + "this is not a tagger")
        }
        let weights = try Self.weights(folder, file.encoder)
        self.init(file.encoder)
        try readModel(weights, of: folder)
    }

    /// A logit for each token [tokens, 1].
    private func logits(_ batch: PackedBatch, on tape: Tape) -> Variable {
        head(encoder(batch, on: tape, rows: .all, probes: .none).states, batch, on: tape)
    }

    /// For each chunk the probability of each of its `wholeWords`; 0 for a word without pieces. A
    /// chunk's do not depend on the others or on the number of threads.
    package func probabilities(_ chunks: [TokenizedDocument], workers: Workers) -> [[Float]] {
        map(chunks, workers: workers) { range, worker in
            let batch = PackedBatch(chunks[range])
            let all = logits(batch, on: inferenceTape(worker)).value
            return range.map { chunk in
                let logits = batch.rows(chunk - range.lowerBound, of: all)
                return chunks[chunk].largestPieces(logits).map { piece in
                    piece.map { Float(1 / (1 + exp(-Double(logits[$0])))) } ?? 0
                }
            }
        }
    }

    /// One shard of a training step: the mean over a document's words of their binary cross-entropy,
    /// words of the rationale weighted by `positiveWeight`, and backward with each document's loss
    /// weighted by `weight` (1 / batch size).
    ///
    /// - Parameters:
    ///   - chunks: those of all documents of the shard.
    ///   - counts: how many chunks each document has.
    ///   - targets: for each chunk, whether each of its `wholeWords` belongs to the rationale.
    /// - Returns: each document's loss, unweighted.
    package func trainingPass(
        _ batch: PackedBatch, chunks: [TokenizedDocument], counts: [Int], targets: [[Bool]],
        positiveWeight: Double, weight: Double, on tape: Tape
    ) -> [Double] {
        let logits = logits(batch, on: tape)
        var seed = [Float](repeating: 0, count: batch.tokens)
        var losses: [Double] = []
        var first = 0
        for count in counts {
            defer { first += count }
            var terms: [(token: Int, loss: Double, gradient: Double)] = []
            for chunk in first..<(first + count) {
                let start = batch.range(chunk).lowerBound
                let tokens = chunks[chunk].ids.count
                let values = (0..<tokens).map { logits.value[start + $0, 0] }
                let pieces = chunks[chunk].largestPieces(values)
                precondition(targets[chunk].count == pieces.count, "a target for each word")
                for (piece, target) in zip(pieces, targets[chunk]) {
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
