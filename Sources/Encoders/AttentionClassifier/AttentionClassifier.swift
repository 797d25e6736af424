import Tensors
import Tokenization

/// A classifier of the attention debate: an encoder of words, and a head that attends to its states
/// (Jain & Wallace 2019). For pairs of a text and a question (premise and hypothesis, passage and
/// question) it has an encoder of each, which share nothing; the text is attended to.
///
/// One logit is that of class 1 of two, through σ; several are those of as many classes, through
/// softmax. Pass after pass, a document's numbers do not depend on the others or on the number of
/// threads.
///
/// ```swift
/// let model = AttentionClassifier(
///     encoder: LSTMEncoder.self, attention: .additive, WordEncoderShape(vocabularySize: 9_000))
/// model.initialize(seed: 0)
/// let logits = model.logits(documents, workers: Workers(threads: 2))
/// ```
package final class AttentionClassifier: Sendable {
    /// The model's shape, and its classes.
    package let configuration: AttentionConfiguration
    /// Every number of the model, under the names that PyTorch's layers give them: `encoder.…`, or of
    /// pairs `P.…` and `Q.…`; `attention.…`, `context`, `question`, `output`.
    package let parameters: Parameters
    /// Reads the text.
    package let encoder: any WordEncoder
    /// Reads the question; nil without one.
    package let questionEncoder: (any WordEncoder)?
    /// Attends, and gives logits.
    package let head: AttentionHead

    /// How many logits there are.
    package var outputs: Int { configuration.outputs }

    /// A model whose parameters are all zero.
    package init(_ configuration: AttentionConfiguration) {
        let (declarations, encoder, question, head) = Self.declare(configuration)
        self.configuration = configuration
        (self.encoder, questionEncoder, self.head) = (encoder, question, head)
        parameters = Parameters(declarations)
    }

    /// A model whose parameters are all zero, and whose classes have numbers for names.
    ///
    /// - Parameters:
    ///   - encoder: one of `WordEncoders`.
    ///   - outputs: how many logits there are.
    ///   - hasQuestion: whether it is one for pairs.
    package convenience init(
        encoder: any WordEncoder.Type, attention: AttentionScore, _ shape: WordEncoderShape,
        outputs: Int = 1, hasQuestion: Bool = false
    ) {
        self.init(
            AttentionConfiguration(
                encoder: encoder, attention: attention, shape: shape, outputs: outputs,
                readsPairs: hasQuestion, labels: (0..<max(2, outputs)).map { "\($0)" }))
    }

    private static func declare(
        _ configuration: AttentionConfiguration
    ) -> (
        ParameterScope.Declarations, any WordEncoder, (any WordEncoder)?, AttentionHead
    ) {
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        let (type, shape) = (configuration.encoder, configuration.shape)
        let readsPairs = configuration.readsPairs
        let encoder = type.init(scope[readsPairs ? "P" : "encoder"], shape)
        let question = readsPairs ? type.init(scope["Q"], shape) : nil
        let head = AttentionHead(
            scope, configuration.attention, width: encoder.hiddenSize,
            outputs: configuration.outputs, hasQuestion: readsPairs)
        return (declarations, encoder, question, head)
    }

    /// How many numbers a model of this shape has.
    static func parameterCount(_ configuration: AttentionConfiguration) -> Int {
        declare(configuration).0.count
    }

    private init(_ original: AttentionClassifier, parameters: Parameters) {
        configuration = original.configuration
        encoder = original.encoder
        questionEncoder = original.questionEncoder
        head = original.head
        self.parameters = parameters
    }

    /// The same model with parameters of its own.
    package func copy() -> AttentionClassifier {
        AttentionClassifier(self, parameters: parameters.copy())
    }

    /// New values for all parameters, each from a stream of its own.
    package func initialize(seed: UInt64) {
        for encoder in [encoder, questionEncoder].compactMap({ $0 }) {
            encoder.initialize(parameters, seed: seed)
        }
        head.initialize(parameters, seed: seed)
    }

    /// The values of a pass over a batch.
    package struct Pass {
        /// The text's embeddings [tokens, embedding size]; in training those of its different words.
        package let embedded: Variable
        /// The text's states h [tokens, D].
        package let states: Variable
        /// The questions' vectors q [documents, D]; nil without questions.
        package let question: Variable?
        /// Attention, context and logits.
        package let head: AttentionHead.Output
    }

    /// A pass over a batch of texts.
    ///
    /// - Parameters:
    ///   - questions: as many, for a model of pairs.
    ///   - probes: read and replace values of the pass over the texts.
    package func callAsFunction(
        _ batch: PackedBatch, questions: PackedBatch? = nil, on tape: Tape,
        probes: PassProbes = .none
    ) -> Pass {
        precondition(
            (questions == nil) == (questionEncoder == nil)
                && questions.map { $0.count == batch.count } ?? true,
            "a model of pairs reads a question for each text, another reads none")
        let encoded = encoder(batch, on: tape, rows: .all, probes: probes)
        let question = questions.flatMap {
            questionEncoder?($0, on: tape, rows: .cls, probes: .none).states
        }
        return Pass(
            embedded: encoded.embedded, states: encoded.states, question: question,
            head: head(
                encoded.states, question: question, batch, on: tape, probes: probes))
    }

    /// The probability of each class: softmax of the logits, or 1 - σ and σ of the only one.
    package static func probabilities(_ logits: [Float]) -> [Double] {
        guard logits.count == 1 else { return CrossEntropy.probabilities(logits) }
        return [-logits[0], logits[0]].map { BinaryCrossEntropy.probability($0) }
    }
}

extension AttentionClassifier {
    /// Tokens that one pass takes at most, unless a single document is longer. A recurrent layer takes
    /// each step with all documents at once: so there are more than `SequenceClassifier` has.
    static let shardTokens = 1_024

    /// Each document's logits [outputs].
    package func logits(
        _ documents: [TokenizedDocument], questions: [TokenizedDocument]? = nil, workers: Workers
    ) -> [[Float]] {
        trace(documents, questions: questions, [], workers: workers) { $1.logits }
    }

    /// What `body` makes of each document's number and of what was asked for of it. Of the quantities
    /// there are `hiddenStates` (layer 0: embeddings, 1: h), `wordAttention`, `wordEmbeddings` and
    /// `wordEmbeddingGradients`.
    ///
    /// - Parameters:
    ///   - questions: as many as documents, for a model of pairs.
    ///   - differentiation: what gradients are taken of; of one logit there is the class 0 alone, whose
    ///     probability is σ.
    ///   - probe: makes the probe of a pass over the documents of these numbers, whose document 0 is the
    ///     first of them. Nil: values stay as they are.
    ///   - logits: what traces have in place of the head's logits [documents, outputs].
    /// - Precondition: ids are below the vocabulary's size.
    package func trace<Result: Sendable>(
        _ documents: [TokenizedDocument], questions: [TokenizedDocument]? = nil,
        _ wanted: Set<TraceQuantity>, _ differentiation: Differentiation = Differentiation(),
        probe: (@Sendable (Range<Int>) -> any Probe)? = nil, workers: Workers,
        logits: @Sendable (Variable, Tape) -> Variable = { logits, _ in logits },
        _ body: @Sendable (Int, Trace) -> Result
    ) -> [Result] {
        precondition(
            questions.map { $0.count == documents.count } ?? true, "a question for each document")
        let lengths = documents.indices.map {
            documents[$0].ids.count + (questions?[$0].ids.count ?? 0)
        }
        return workers.mapDocuments(lengths: lengths, shardTokens: Self.shardTokens) {
            range, worker in
            let traces = worker.trace(
                documents[range], wanted, differentiation, parameters, probe: probe?(range)
            ) { batch, tape, probes in
                let pass = self(
                    batch, questions: questions.map { PackedBatch($0[range]) }, on: tape,
                    probes: probes)
                return (logits(pass.head.logits, tape), pass.embedded)
            }
            return zip(range, traces).map { body($0, $1) }
        }
    }

    /// One shard of a training step: forward, each document's cross-entropy, and backward with each
    /// document's loss weighted by `weight`.
    ///
    /// The authors' loss is, for one sequence, the sum over the batch (`weight` 1) with a positive's
    /// part scaled by `positiveScale`; for pairs the mean (1 / batch size).
    ///
    /// - Parameters:
    ///   - counts: how many texts of the batch are chunks of each document, whose logits are the mean
    ///     over them; nil: each is a document.
    ///   - labels: each document's class.
    ///   - scales: what each document's loss is multiplied by; nil: 1.
    ///   - probe: replaces values of the pass; nil: none.
    /// - Returns: each document's loss, scaled but not weighted.
    package func trainingPass(
        _ batch: PackedBatch, questions: PackedBatch? = nil, counts: [Int]? = nil,
        labels: [Int], scales: [Double]? = nil, weight: Double, probe: (any Probe)? = nil,
        on tape: Tape
    ) -> [Double] {
        let counts = counts ?? Array(repeating: 1, count: batch.count)
        precondition(
            labels.count == counts.count && counts.reduce(0, +) == batch.count
                && scales.map { $0.count == labels.count } ?? true,
            "a label, and a scale, for each document")
        let pass = self(batch, questions: questions, on: tape, probes: PassProbes(probe))
        var losses: [Double] = []
        var seed: [Float] = []
        let rows = Logits.means(pass.head.logits.rowValues, counts: counts)
        for (document, row) in rows.enumerated() {
            let (count, scale) = (counts[document], scales?[document] ?? 1)
            let (loss, gradient) = Self.loss(row, label: labels[document])
            losses.append(scale * loss)
            let part = gradient.map { Float($0 * scale * weight / Double(count)) }
            for _ in 0..<count { seed += part }
        }
        tape.backward(from: pass.head.logits, seed: seed)
        return losses
    }

    /// -log p(label), and its gradient with respect to the logits.
    private static func loss(
        _ logits: [Float], label: Int
    ) -> (loss: Double, gradient: [Double]) {
        guard logits.count == 1 else { return CrossEntropy.loss(logits, label: label) }
        let (loss, gradient) = BinaryCrossEntropy.loss(logits[0], label: label)
        return (loss, [gradient])
    }

    /// The authors' weight of a positive's loss: N / N₁ - 1, the negatives for each positive in the
    /// training set; 1 where it has no positives.
    package static func positiveScale(labels: [Int]) -> Double {
        let positives = labels.count { $0 == 1 }
        return positives == 0 ? 1 : Double(labels.count) / Double(positives) - 1
    }

    /// Whether the authors' L2 decay acts on a parameter: for one sequence not on the attention's.
    package static func decays(_ parameter: Parameter, ofPairs: Bool) -> Bool {
        ofPairs || !parameter.name.hasPrefix("attention.")
    }
}
