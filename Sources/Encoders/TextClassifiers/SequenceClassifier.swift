import Tensors
import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A classifier of texts: an encoder whose [CLS] state a head reads, such as
/// `BertForSequenceClassification` of `transformers`.
public final class SequenceClassifier: EncoderModel, TextClassifier {
    static let kind = TextClassifierKind(modelTypes: EncoderFamily.allCases.map(\.rawValue)) {
        try SequenceClassifier($0)
    }

    /// The encoder's shape.
    public let configuration: EncoderConfiguration
    /// The classes' names by index.
    public let labels: [String]
    /// Every number of the model.
    package let parameters: Parameters
    /// What reads the tokens.
    package let encoder: any TextEncoder
    let head: ClassificationHead

    /// A model whose parameters are all zero.
    ///
    /// - Parameter hasPooler: without it the head reads the raw state of [CLS].
    package init(
        _ configuration: EncoderConfiguration, labels: [String], hasPooler: Bool = true
    ) {
        precondition(!labels.isEmpty, "a classifier needs labels")
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        self.configuration = configuration
        self.labels = labels
        encoder = Bert(scope[configuration.family.names.encoder], configuration)
        head = ClassificationHead(
            scope, configuration, classes: labels.count, hasPooler: hasPooler)
        parameters = Parameters(declarations)
    }

    private init(_ original: SequenceClassifier, parameters: Parameters) {
        configuration = original.configuration
        labels = original.labels
        encoder = original.encoder
        head = original.head
        self.parameters = parameters
    }

    /// The same model with parameters of its own.
    package func copy() -> SequenceClassifier {
        SequenceClassifier(self, parameters: parameters.copy())
    }

    /// The last layer, and the pooler where the encoder brought none.
    package func newLayers(keepsPooler: Bool) -> [LinearParameters] {
        [keepsPooler ? nil : head.pooler, head.output].compactMap { $0 }
    }

    /// Logits [documents, classes] on a tape.
    func forward(
        _ batch: PackedBatch, on tape: Tape, probes: PassProbes = .none
    ) -> (logits: Variable, embedded: Variable) {
        let last = configuration.layers - 1
        let needsAll =
            probes.trace?.wanted.contains {
                $0 == .attention(layer: last) || $0 == .meanAttention(layer: last)
                    || $0 == .hiddenStates(layer: last + 1)
            } ?? false
        let encoded = encoder(batch, on: tape, rows: needsAll ? .all : .cls, probes: probes)
        let cls =
            needsAll ? tape.select(rows: batch.clsRows, of: encoded.states) : encoded.states
        return (head(cls, batch, on: tape), encoded.embedded)
    }

    /// Each document's logits [classes]. A document's logits do not depend on the others or on the
    /// number of threads.
    public func logits(_ documents: [TokenizedDocument], workers: Workers) -> [[Float]] {
        map(documents, workers: workers) { range, worker in
            let batch = PackedBatch(documents[range])
            return forward(batch, on: inferenceTape(worker)).logits.rowValues
        }
    }

    /// What `body` makes of each document's number and trace.
    public func trace<Result: Sendable>(
        _ documents: [TokenizedDocument], _ wanted: Set<TraceQuantity>, _ pass: TracedPass,
        workers: Workers, _ body: @Sendable (Int, Trace) -> Result
    ) -> [Result] {
        map(documents, workers: workers) { range, worker in
            let traces = worker.trace(
                documents[range], wanted, pass.differentiation, parameters,
                probe: pass.probe?(range)
            ) { forward($0, on: $1, probes: $2) }
            return zip(range, traces).map { body($0, $1) }
        }
    }

    /// Writes `config.json` and `model.safetensors` into `folder`, which must exist.
    public func save(to folder: URL, as format: FloatFormat) throws {
        try save(to: folder, as: format, encoderOnly: false)
    }

    /// One shard of a training step: forward, cross-entropy of each document's logits, which are the
    /// mean over its chunks, and backward with each document's loss weighted by `weight` (1 / batch
    /// size).
    ///
    /// - Parameters:
    ///   - batch: the chunks of all documents of the shard.
    ///   - counts: how many chunks each document has.
    ///   - labels: each document's class.
    ///   - scales: what each document's loss is multiplied by; nil: 1.
    ///   - probe: replaces values of the pass; nil: none.
    /// - Returns: each document's loss, scaled but not weighted.
    package func trainingPass(
        _ batch: PackedBatch, counts: [Int], labels: [Int], scales: [Double]? = nil,
        weight: Double, probe: (any Probe)? = nil, on tape: Tape
    ) -> [Double] {
        precondition(
            labels.count == counts.count && counts.reduce(0, +) == batch.count
                && scales.map { $0.count == labels.count } ?? true,
            "a label, and a scale, for each document")
        let (logits, _) = forward(batch, on: tape, probes: PassProbes(probe))
        var losses: [Double] = []
        var seed: [Float] = []
        for (document, row) in Logits.means(logits.rowValues, counts: counts).enumerated() {
            let (count, scale) = (counts[document], scales?[document] ?? 1)
            let (loss, gradient) = CrossEntropy.loss(row, label: labels[document])
            losses.append(scale * loss)
            let part = gradient.map { Float($0 * scale * weight / Double(count)) }
            for _ in 0..<count { seed += part }
        }
        tape.backward(from: logits, seed: seed)
        return losses
    }
}
