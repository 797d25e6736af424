import Tensors
import Tokenization

/// An encoder with a head, as `transformers` stores it: `config.json` and the parameters that the
/// encoder's family names.
package protocol EncoderModel: AnyObject, Sendable {
    /// The encoder's shape.
    var configuration: EncoderConfiguration { get }
    /// The classes' names by index: one for each logit of the head.
    var labels: [String] { get }
    /// Every number of the model.
    var parameters: Parameters { get }
    /// What reads the tokens.
    var encoder: any TextEncoder { get }

    /// The layers of the head that get new weights where an encoder starts a new task.
    ///
    /// - Parameter keepsPooler: whether the layer between encoder and head came with the encoder.
    func newLayers(keepsPooler: Bool) -> [LinearParameters]
}

extension EncoderModel {
    /// Tokens that one pass takes at most, unless a single document is longer: few enough for a
    /// layer's values to stay in the cache, many enough for its products to run at full speed.
    static var shardTokens: Int { 256 }

    /// What `body` makes of shards of documents; their numbers are the range.
    func map<Result: Sendable>(
        _ documents: [TokenizedDocument], workers: Workers,
        _ body: @Sendable (Range<Int>, Worker) -> [Result]
    ) -> [Result] {
        workers.mapDocuments(
            lengths: documents.map(\.ids.count), shardTokens: Self.shardTokens, body)
    }

    /// A tape of a pass that keeps nothing for gradients.
    func inferenceTape(_ worker: Worker) -> Tape {
        worker.arena.rewind()
        return Tape(worker: worker, parameters: parameters, packsWeights: true)
    }

    /// Each document's last hidden states [tokens, hidden] in row-major order: what an encoder is for
    /// without a head.
    ///
    /// - Precondition: ids, segments and lengths are within the configuration's limits.
    package func encode(_ documents: [TokenizedDocument], workers: Workers) -> [[Float]] {
        map(documents, workers: workers) { range, worker in
            let tape = inferenceTape(worker)
            let batch = PackedBatch(documents[range])
            let states = encoder(batch, on: tape, rows: .all, probes: .none).states.value
            return (0..<batch.count).map { batch.rows($0, of: states) }
        }
    }
}
