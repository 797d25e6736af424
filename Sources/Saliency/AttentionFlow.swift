import Encoders
import Tokenization

/// The maximum flow from [CLS] above the last layer to each input token, where attention is what an
/// edge can carry (Abnar & Zuidema 2020, section 3, attention flow).
///
/// Each layer has a node for each token above and below it; the edge from r above to c below
/// carries at most 0.5 A[r, c] + 0.5 [r = c], A the mean over heads. Each token is a flow problem
/// of its own, since flows to two tokens may use the same edge.
package struct AttentionFlow: TraceScorer {
    /// The scorer; it has no settings.
    package init() {}

    static let entry = SaliencyScorers.Entry(
        "attention-flow", "maximum flow through all layers' attention (Abnar & Zuidema 2020)",
        scorer: AttentionFlow())

    /// `attention-flow`.
    package var name: String { Self.entry.name }

    /// Attention of each layer; of the last one, only the [CLS] row.
    package func quantities(_ configuration: any ClassifierConfiguration) -> Set<TraceQuantity> {
        AttentionRollout.quantities(configuration)
    }

    /// A pass, and the network with what is left of it and what flows: a double for each edge.
    package func passBytes(tokens: Int, _ configuration: any ClassifierConfiguration) -> Double {
        let edges = Double(configuration.layers - 1) * Double(tokens) * Double(tokens)
        return configuration.passBytes(tokens: tokens, quantities(configuration))
            + 3 * 8 * edges
    }

    /// A flow for each token of a word, 0 for the others.
    package func pieceScores(
        _ trace: Trace, _ chunk: TokenizedDocument, _ model: any TextClassifier
    ) -> [Float] {
        var flow = MaximumFlow(Self.network(trace, model))
        return chunk.wordIndices.enumerated().map { token, word in
            chunk.wholeWords.contains(Int(word)) ? Float(flow.value(to: token)) : 0
        }
    }

    /// The flow to every token [tokens], special ones included.
    package static func flows(_ trace: Trace, _ model: any TextClassifier) -> [Double] {
        var flow = MaximumFlow(network(trace, model))
        return (0..<trace.tokens).map { flow.value(to: $0) }
    }

    private static func network(_ trace: Trace, _ model: any TextClassifier) -> LayeredNetwork {
        let tokens = trace.tokens
        let layers = (0..<(model.configuration.layers - 1)).reversed().map { layer in
            var capacities = trace.required(.meanAttention(layer: layer)).map { 0.5 * Double($0) }
            for token in 0..<tokens { capacities[token * tokens + token] += 0.5 }
            return capacities
        }
        return LayeredNetwork(source: AttentionRollout.topRow(trace, model), layers: layers)
    }
}
