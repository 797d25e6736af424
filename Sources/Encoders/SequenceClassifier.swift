import Randomness
import Tensors
import Tokenization

/// An encoder with a classification head, such as `BertForSequenceClassification` of `transformers`:
/// dropout(tanh(W_p · [CLS] + b_p)) through a linear layer to one logit for each class. RoBERTa's
/// drops out before W_p too, DistilBERT's has ReLU for tanh.
public final class SequenceClassifier: Sendable {
    /// Shape and labels.
    public let configuration: EncoderConfiguration
    /// Every number of the model.
    package let parameters: Parameters
    /// What reads the tokens.
    package let encoder: any TextEncoder
    let pooler: LinearParameters?
    let head: LinearParameters

    /// A model whose parameters are all zero.
    ///
    /// - Parameter hasPooler: without it the head reads the raw states, of [CLS] or, a tagger's, of
    ///   every token.
    package init(_ configuration: EncoderConfiguration, hasPooler: Bool = true) {
        precondition(!configuration.labels.isEmpty, "a classifier needs labels")
        self.configuration = configuration
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        let hidden = configuration.hiddenSize
        let names = configuration.family.names
        encoder = Bert(scope[names.encoder], configuration)
        pooler =
            hasPooler
            ? LinearParameters(scope[names.pooler], inputs: hidden, outputs: hidden) : nil
        head = LinearParameters(
            scope[hasPooler ? names.head : "classifier"], inputs: hidden,
            outputs: configuration.labels.count)
        parameters = Parameters(declarations)
    }

    private init(_ original: SequenceClassifier, parameters: Parameters) {
        configuration = original.configuration
        encoder = original.encoder
        pooler = original.pooler
        head = original.head
        self.parameters = parameters
    }

    /// The same model with parameters of its own.
    package func copy() -> SequenceClassifier {
        SequenceClassifier(self, parameters: parameters.copy())
    }

    /// The classes' names by index.
    public var labels: [String] { configuration.labels }

    /// New weights for the head (and the pooler): normal with the configuration's range, biases
    /// zero.
    package func initializeHead(seed: UInt64, pooler isNew: Bool) {
        var generator = SeededGenerator(seed: seed, stream: "head weights")
        for linear in [isNew ? pooler : nil, head].compactMap({ $0 }) {
            let weight = parameters[linear.weight]
            for index in 0..<weight.count {
                weight.pointer[index] =
                    Float(generator.normal()) * configuration.initializerRange
            }
            parameters[linear.bias].clear()
        }
    }

    /// Logits [documents, classes] on a tape.
    func forward(
        _ batch: PackedBatch, on tape: Tape, trace: TraceRecorder?, probe: (any Probe)? = nil
    ) -> (logits: Variable, embedded: Variable) {
        let last = configuration.layers - 1
        let needsAll =
            trace?.wanted.contains {
                $0 == .attention(layer: last) || $0 == .meanAttention(layer: last)
                    || $0 == .hiddenStates(layer: last + 1)
            } ?? false
        let encoded = encoder(
            batch, on: tape, rows: needsAll ? .all : .cls, trace: trace, probe: probe)
        var pooled =
            needsAll ? tape.select(rows: batch.clsRows, of: encoded.states) : encoded.states
        let documents = batch.clsStarts
        func dropout(site: Int) -> Dropout? {
            Dropout(
                keys: batch.clsKeys, site: site,
                probability: configuration.classifierDropout ?? configuration.hiddenDropout)
        }
        if let pooler {
            if configuration.family.dropsOutBeforePooler {
                pooled = tape.dropout(pooled, dropout(site: 60_001))
            }
            pooled = tape.linear(
                pooled, weight: pooler.weight, bias: pooler.bias, documents: documents)
            switch configuration.family.poolerActivation {
            case .tanh: pooled = tape.tanh(pooled, inPlace: true)
            case .relu: pooled = tape.relu(pooled, inPlace: true)
            }
        }
        let dropped = tape.dropout(pooled, dropout(site: 60_000))
        return (
            tape.linear(dropped, weight: head.weight, bias: head.bias, documents: documents),
            encoded.embedded
        )
    }

    /// Complains about logits or scores that are not numbers, which damaged weights give.
    ///
    /// - Parameter model: whose they are, for the error.
    package static func check(_ logits: [Float], of model: String) throws {
        guard logits.allSatisfy(\.isFinite) else {
            throw EncoderError.invalid(
                model,
                "gives logits or word scores that are not finite; its weights are damaged: train again"
            )
        }
    }

    /// Tokens that one pass takes at most, unless a single document is longer: few enough for a
    /// layer's values to stay in the cache, many enough for its products to run at full speed.
    static let shardTokens = 256

    /// Each document's logits [classes]. A document's logits do not depend on the others or on the
    /// number of threads.
    public func logits(_ documents: [TokenizedDocument], workers: Workers) -> [[Float]] {
        trace(documents, [], workers: workers).map(\.logits)
    }

    /// Each document's logits [classes]: the mean over its windows.
    package func logits(_ documents: [WindowedDocument], workers: Workers) -> [[Float]] {
        let windows = logits(documents.flatMap(\.windows), workers: workers)
        return Self.means(windows, counts: documents.map(\.windows.count))
    }

    /// The means of consecutive rows, `counts[i]` of them in the i-th group. A single row stays as it
    /// is.
    package static func means(_ rows: [[Float]], counts: [Int]) -> [[Float]] {
        var start = 0
        return counts.map { count in
            defer { start += count }
            if count == 1 { return rows[start] }
            return rows[start].indices.map { column in
                let sum = rows[start..<(start + count)].reduce(0) { $0 + Double($1[column]) }
                return Float(sum / Double(count))
            }
        }
    }

    /// What was asked for of each document, by a pass without dropout.
    ///
    /// - Precondition: ids, segments and lengths are within the configuration's limits.
    public func trace(
        _ documents: [TokenizedDocument], _ wanted: Set<TraceQuantity>, workers: Workers
    ) -> [Trace] {
        trace(documents, wanted, workers: workers) { $1 }
    }

    /// What `body` makes of each document's number and trace. Traces may be large: there are no more
    /// of them at a time than a pass over a shard makes.
    ///
    /// - Parameters:
    ///   - differentiation: what gradients are taken of; classes are below `labels.count`.
    ///   - probe: makes the probe of a pass over the documents of these numbers, which replaces values
    ///     of the pass; its document 0 is the first of them. Nil: values stay as they are.
    package func trace<Result: Sendable>(
        _ documents: [TokenizedDocument], _ wanted: Set<TraceQuantity>,
        _ differentiation: Differentiation = Differentiation(),
        probe: (@Sendable (Range<Int>) -> any Probe)? = nil, workers: Workers,
        _ body: @Sendable (Int, Trace) -> Result
    ) -> [Result] {
        map(documents, workers: workers) { range, worker in
            zip(
                range,
                trace(
                    documents[range], wanted, differentiation, probe: probe?(range),
                    worker: worker)
            ).map { body($0, $1) }
        }
    }

    /// Each document's last hidden states [tokens, hidden] in row-major order: what an encoder is for
    /// without a head.
    ///
    /// - Precondition: as for `trace`.
    package func encode(_ documents: [TokenizedDocument], workers: Workers) -> [[Float]] {
        map(documents, workers: workers) { range, worker in
            worker.arena.rewind()
            let batch = PackedBatch(documents[range])
            let tape = Tape(worker: worker, parameters: parameters, packsWeights: true)
            let states = encoder(batch, on: tape, rows: .all, trace: nil, probe: nil).states.value
            return (0..<batch.count).map { batch.rows($0, of: states) }
        }
    }

    private func map<Result: Sendable>(
        _ documents: [TokenizedDocument], workers: Workers,
        _ body: @Sendable (Range<Int>, Worker) -> [Result]
    ) -> [Result] {
        workers.mapDocuments(
            lengths: documents.map(\.ids.count), shardTokens: Self.shardTokens, body)
    }

    private func trace(
        _ documents: ArraySlice<TokenizedDocument>, _ wanted: Set<TraceQuantity>,
        _ differentiation: Differentiation, probe: (any Probe)?, worker: Worker
    ) -> [Trace] {
        worker.arena.rewind()
        let batch = PackedBatch(
            documents,
            wordScales: differentiation.wordEmbeddingScales.map { Array($0[documents.indices]) })
        let wantsGradients = wanted.contains(where: \.isGradient)
        let tape = Tape(
            worker: worker, parameters: parameters, isRecording: wantsGradients,
            packsWeights: !wantsGradients)
        let recorder = TraceRecorder(wanted, documents: batch.count)
        let (logits, embedded) = forward(batch, on: tape, trace: recorder, probe: probe)
        recorder.record(.wordEmbeddings, self.wordEmbeddings(batch), batch)
        let rows = (0..<batch.count).map { document in
            (0..<labels.count).map { logits.value[document, $0] }
        }
        if wantsGradients {
            // Documents do not touch each other, so one backward pass serves all of them.
            let seed = zip(documents.indices, rows).flatMap {
                differentiation.seed($1, document: $0)
            }
            tape.backward(from: logits, seed: seed)
            if let gradient = embedded.gradient {
                recorder.record(.wordEmbeddingGradients, gradient, batch)
            }
        }
        return rows.indices.map {
            Trace(
                tokens: batch.range($0).count, logits: rows[$0], values: recorder.values[$0])
        }
    }

    /// A logit for each token [tokens, 1]: the head on every state, without a pooler.
    func tokenLogits(_ batch: PackedBatch, on tape: Tape) -> Variable {
        precondition(pooler == nil, "a tagger has no pooler")
        let states = encoder(batch, on: tape, rows: .all, trace: nil, probe: nil).states
        let classifierDropout =
            configuration.family.taggersHaveClassifierDropout
            ? configuration.classifierDropout : nil
        let dropped = tape.dropout(
            states,
            Dropout(
                keys: batch.rowKeys, site: 60_000,
                probability: classifierDropout ?? configuration.hiddenDropout), inPlace: true)
        return tape.linear(
            dropped, weight: head.weight, bias: head.bias, documents: batch.starts)
    }

    /// What `body` makes of each window's number and its tokens' logits [tokens].
    func tokenLogits<Result: Sendable>(
        _ windows: [TokenizedDocument], workers: Workers,
        _ body: @Sendable (Int, [Float]) -> Result
    ) -> [Result] {
        map(windows, workers: workers) { range, worker in
            worker.arena.rewind()
            let batch = PackedBatch(windows[range])
            let tape = Tape(worker: worker, parameters: parameters, packsWeights: true)
            let logits = tokenLogits(batch, on: tape).value
            return (0..<batch.count).map { body(range.lowerBound + $0, batch.rows($0, of: logits)) }
        }
    }

    private func wordEmbeddings(_ batch: PackedBatch) -> Tensor {
        let table = parameters[encoder.wordEmbeddings]
        let values = batch.ids.flatMap { id in
            table.buffer[(Int(id) * table.columns)..<((Int(id) + 1) * table.columns)]
        }
        return Tensor(values, rows: batch.tokens, columns: table.columns)
    }

    /// One shard of a training step: forward, cross-entropy of each document's logits, which are the
    /// mean over its windows, and backward with each document's loss weighted by `weight` (1 / batch
    /// size).
    ///
    /// - Parameters:
    ///   - batch: the windows of all documents of the shard.
    ///   - counts: how many windows each document has.
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
        let (logits, _) = forward(batch, on: tape, trace: nil, probe: probe)
        let rows = (0..<batch.count).map { row in
            (0..<self.labels.count).map { logits.value[row, $0] }
        }
        var losses: [Double] = []
        var seed: [Float] = []
        for (document, row) in Self.means(rows, counts: counts).enumerated() {
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
