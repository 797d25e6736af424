import Tensors

/// The BERT encoder (Devlin et al. 2019): embeddings, then layers of self-attention and
/// feed-forward, each with a residual and a LayerNorm after it. Reads like its checkpoint, top to
/// bottom.
///
/// RoBERTa and DistilBERT are the same under the names that `EncoderFamily` states.
package struct Bert: TextEncoder {
    /// The encoder's shape.
    package let configuration: EncoderConfiguration
    let embeddings: BertEmbeddings
    let layers: [BertLayer]

    /// Declares the encoder's parameters within `scope`, which BERT's checkpoints call `bert`.
    package init(_ scope: ParameterScope, _ configuration: EncoderConfiguration) {
        self.configuration = configuration
        embeddings = BertEmbeddings(scope["embeddings"], configuration)
        layers = (0..<configuration.layers).map {
            BertLayer(
                scope[configuration.family.names.layers]["\($0)"], configuration, index: $0)
        }
    }

    /// The width of a state.
    package var hiddenSize: Int { configuration.hiddenSize }
    /// The longest sequence, special tokens included.
    package var maximumLength: Int { configuration.maximumLength }
    /// The table of word embeddings [vocabulary, hidden].
    package var wordEmbeddings: Parameter { embeddings.words }

    /// The last layer's states: [tokens, hidden], or [documents, hidden] where only [CLS] is wanted.
    package func callAsFunction(
        _ batch: PackedBatch, on tape: Tape, rows: StateRows, probes: PassProbes
    ) -> EncodedBatch {
        let embedded = probes.replaced(
            .embeddings, embeddings.sum(batch, on: tape, probes: probes), batch, on: tape)
        var x = probes.replaced(
            .hiddenStates(layer: 0), embeddings.normalize(embedded, batch, on: tape), batch,
            on: tape)
        probes.record(.hiddenStates(layer: 0), x.value, batch)
        for layer in layers {
            let point = ProbePoint.hiddenStates(layer: layer.index + 1)
            if layer.index == layers.count - 1 && rows == .cls {
                x = layer(x, batch, on: tape, rows: rows, probes: probes)
                return EncodedBatch(
                    states: probes.replaced(point, x, batch, on: tape), embedded: embedded)
            }
            // Its states take the place of the last layer's, unless a backward pass, or a probe,
            // needs both.
            x = tape.releasingMemory(where: !probes.replacesAny) {
                layer(
                    x, batch, on: tape, rows: .all, probes: probes,
                    replacing: tape.isRecording || probes.replacesAny ? nil : x)
            }
            x = probes.replaced(point, x, batch, on: tape)
            probes.record(.hiddenStates(layer: layer.index + 1), x.value, batch)
        }
        return EncodedBatch(states: x, embedded: embedded)
    }
}

/// `weight` and `bias` of a linear layer.
package struct LinearParameters: Sendable {
    let weight: Parameter
    let bias: Parameter

    init(_ scope: ParameterScope, inputs: Int, outputs: Int) {
        weight = scope.parameter("weight", [outputs, inputs], kind: .weight)
        bias = scope.parameter("bias", [outputs])
    }

    /// Of given parameters, such as a joined pair.
    init(weight: Parameter, bias: Parameter) {
        self.weight = weight
        self.bias = bias
    }
}

/// `weight` (γ) and `bias` (β) of a LayerNorm.
struct LayerNormParameters: Sendable {
    let weight: Parameter
    let bias: Parameter

    init(_ scope: ParameterScope, size: Int) {
        weight = scope.parameter("weight", [size])
        bias = scope.parameter("bias", [size])
    }
}

/// Words, positions and, but for DistilBERT, segments, summed and normalised.
struct BertEmbeddings: Sendable {
    let words, positions: Parameter
    let segments: Parameter?
    let norm: LayerNormParameters
    let configuration: EncoderConfiguration

    init(_ scope: ParameterScope, _ configuration: EncoderConfiguration) {
        let hidden = configuration.hiddenSize
        words = scope["word_embeddings"].parameter(
            "weight", [configuration.vocabularySize, hidden], kind: .table)
        positions = scope["position_embeddings"].parameter(
            "weight", [configuration.positions, hidden])
        segments =
            configuration.segments == 0
            ? nil
            : scope["token_type_embeddings"].parameter("weight", [configuration.segments, hidden])
        norm = LayerNormParameters(scope["LayerNorm"], size: hidden)
        self.configuration = configuration
    }

    /// [tokens, hidden]; its gradient is that of the word embeddings.
    func sum(_ batch: PackedBatch, on tape: Tape, probes: PassProbes) -> Variable {
        // With one segment the separators alone tell texts apart, whatever a tokenizer calls them.
        let segmentIDs =
            configuration.segments > 1 ? batch.segmentIDs : batch.segmentIDs.map { _ in 0 }
        let positionIDs = configuration.family.positionIDs(batch, configuration.paddingTokenID)
        let alone = { tape.embedding(table: words, ids: batch.ids) }
        guard probes.isReplaced(.wordEmbeddings) else {
            probes.record(.wordEmbeddings, alone().value, batch)
            return tape.embedding(
                words: words, positions: positions, segments: segments, wordIDs: batch.ids,
                positionIDs: positionIDs, segmentIDs: segmentIDs)
        }
        // In the order of the fused sum, so that what a probe leaves as it is keeps its bits.
        let read = alone()
        probes.record(.wordEmbeddings, read.value, batch)
        let sum = tape.sum(
            probes.replaced(.wordEmbeddings, read, batch, on: tape),
            tape.embedding(table: positions, ids: positionIDs))
        return segments.map { tape.sum(sum, tape.embedding(table: $0, ids: segmentIDs)) } ?? sum
    }

    func normalize(_ sum: Variable, _ batch: PackedBatch, on tape: Tape) -> Variable {
        let x = tape.residualLayerNorm(
            sum, bias: nil, residual: nil, gamma: norm.weight, beta: norm.bias,
            epsilon: configuration.layerNormEpsilon, inPlace: true)
        return tape.dropout(
            x, Dropout(keys: batch.rowKeys, site: 0, probability: configuration.hiddenDropout),
            inPlace: true)
    }
}

/// Self-attention and feed-forward.
struct BertLayer: Sendable {
    let query, key, value, queryKeyValue, keyValue: LinearParameters
    let attentionOutput: LinearParameters
    let attentionNorm: LayerNormParameters
    let intermediate: LinearParameters
    let output: LinearParameters
    let outputNorm: LayerNormParameters
    let configuration: EncoderConfiguration
    let index: Int

    init(_ scope: ParameterScope, _ configuration: EncoderConfiguration, index: Int) {
        self.configuration = configuration
        self.index = index
        let hidden = configuration.hiddenSize
        let names = configuration.family.names
        // All weights, then all biases: so that query, key and value are one matrix where that is
        // faster.
        let inputs = [names.query, names.key, names.value].map { scope[$0] }
        let weights = inputs.map { $0.parameter("weight", [hidden, hidden], kind: .weight) }
        let biases = inputs.map { $0.parameter("bias", [hidden]) }
        query = LinearParameters(weight: weights[0], bias: biases[0])
        key = LinearParameters(weight: weights[1], bias: biases[1])
        value = LinearParameters(weight: weights[2], bias: biases[2])
        queryKeyValue = LinearParameters(weight: .joined(weights), bias: .joined(biases))
        keyValue = LinearParameters(
            weight: .joined(Array(weights[1...])), bias: .joined(Array(biases[1...])))
        attentionOutput = LinearParameters(
            scope[names.attentionOutput], inputs: hidden, outputs: hidden)
        attentionNorm = LayerNormParameters(scope[names.attentionNorm], size: hidden)
        intermediate = LinearParameters(
            scope[names.intermediate], inputs: hidden, outputs: configuration.intermediateSize)
        output = LinearParameters(
            scope[names.output], inputs: configuration.intermediateSize, outputs: hidden)
        outputNorm = LayerNormParameters(scope[names.outputNorm], size: hidden)
    }

    func callAsFunction(
        _ x: Variable, _ batch: PackedBatch, on tape: Tape, rows: StateRows, probes: PassProbes,
        replacing old: Variable? = nil
    ) -> Variable {
        let (heads, residual) = attend(x, batch, on: tape, rows: rows, probes: probes)
        let context = probes.replaced(.headOutputs(layer: index), heads, batch, on: tape)
        if let trace = probes.trace { recordValues(x, batch, on: tape, trace) }
        let documents = rows == .all ? batch.starts : batch.clsStarts
        let keys = rows == .all ? batch.rowKeys : batch.clsKeys
        let attended = finish(
            tape.linear(context, weight: attentionOutput.weight, bias: nil, documents: documents),
            bias: attentionOutput.bias, residual: residual, attentionNorm,
            configuration.family.dropsOutAttentionOutput
                ? Dropout(
                    keys: keys, site: 3 * index + 2, probability: configuration.hiddenDropout)
                : nil,
            on: tape)
        let inner = tape.gelu(
            tape.linear(attended, weight: intermediate.weight, bias: nil, documents: documents),
            bias: intermediate.bias, inPlace: true, onlyForProducts: true)
        return finish(
            tape.linear(inner, weight: output.weight, bias: nil, documents: documents),
            bias: output.bias,
            residual: attended, outputNorm,
            Dropout(keys: keys, site: 3 * index + 3, probability: configuration.hiddenDropout),
            replacing: old, on: tape)
    }

    /// The attention's output, and the states that it is added to.
    private func attend(
        _ x: Variable, _ batch: PackedBatch, on tape: Tape, rows: StateRows, probes: PassProbes
    ) -> (context: Variable, residual: Variable) {
        let replace = probes.attentionReplacement(layer: index)
        // What a probe reads is there in float32.
        let onlyForProducts = !probes.isReplaced(.headOutputs(layer: index))
        let hidden = configuration.hiddenSize
        let heads = configuration.heads
        let site = 3 * index + 1
        let observe = probes.trace?.attentionObserver(layer: index, heads: heads)
        let observeGradient = probes.trace?.attentionGradientObserver(layer: index, heads: heads)
        if rows == .all {
            let all = tape.linear(
                x, weight: queryKeyValue.weight, bias: queryKeyValue.bias, documents: batch.starts,
                onlyForProducts: onlyForProducts)
            let context = tape.attention(
                queries: AttentionInput(all, column: 0), keys: AttentionInput(all, column: hidden),
                values: AttentionInput(all, column: 2 * hidden), heads: heads,
                headSize: hidden / heads, queryStarts: batch.starts, keyStarts: batch.starts,
                dropout: Dropout(
                    keys: batch.rowKeys, site: site, probability: configuration.attentionDropout),
                onlyForProducts: onlyForProducts, replace: replace, observe: observe,
                observeGradient: observeGradient)
            return (context, x)
        }
        let keysValues = tape.linear(
            x, weight: keyValue.weight, bias: keyValue.bias, documents: batch.starts,
            onlyForProducts: onlyForProducts)
        let cls = tape.select(rows: batch.clsRows, of: x)
        let queries = tape.linear(
            cls, weight: query.weight, bias: query.bias, documents: batch.clsStarts,
            onlyForProducts: onlyForProducts)
        let context = tape.attention(
            queries: AttentionInput(queries, column: 0),
            keys: AttentionInput(keysValues, column: 0),
            values: AttentionInput(keysValues, column: hidden), heads: heads,
            headSize: hidden / heads, queryStarts: batch.clsStarts, keyStarts: batch.starts,
            dropout: Dropout(
                keys: batch.clsKeys, site: site,
                probability: configuration.attentionDropout),
            onlyForProducts: onlyForProducts, replace: replace, observe: observe,
            observeGradient: observeGradient)
        return (context, cls)
    }

    private func finish(
        _ y: Variable, bias: Parameter, residual: Variable, _ norm: LayerNormParameters,
        _ dropout: Dropout?, replacing old: Variable? = nil, on tape: Tape
    ) -> Variable {
        tape.residualLayerNorm(
            y, bias: bias, residual: residual, gamma: norm.weight, beta: norm.bias,
            epsilon: configuration.layerNormEpsilon, dropout: dropout, inPlace: true,
            replacing: old)
    }
}
