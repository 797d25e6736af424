import Encoders
import Tokenization

/// How much [CLS] attends to a word in the final layer, averaged over heads: FRESH's default
/// (Jain, Wiegreffe, Pinter & Wallace 2020, section 4). Another layer, or one head of it, may be
/// chosen.
package struct CLSAttention: TraceScorer {
    /// The layer, counted from 0; nil: the last.
    package let layer: Int?
    /// The head, counted from 0; nil: the mean over all.
    package let head: Int?

    /// The last layer's mean over heads, or that of `layer`, or one head of `layer`.
    package init(layer: Int? = nil, head: Int? = nil) {
        precondition(head == nil || layer != nil, "a head is one of a layer")
        self.layer = layer
        self.head = head
    }

    static let entry = SaliencyScorers.Entry(
        "cls-attention", settings: "[:LAYER[.HEAD]]",
        "attention from the classified token; last layer and mean over heads, or as given, from 0"
    ) { settings throws(SaliencyError) in
        guard let text = settings.text else { return CLSAttention() }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map {
            ScorerSettings.number(String($0))
        }
        guard parts.count <= 2, let layer = parts[0], let head = parts.count == 2 ? parts[1] : 0
        else {
            throw settings.wrong(
                "expected a layer, or a layer and a head, counted from 0, such as 5 or 5.11")
        }
        return CLSAttention(layer: layer, head: parts.count == 2 ? head : nil)
    }

    /// `cls-attention`, and what was chosen.
    package var name: String {
        let place = layer.map { layer in ":\(layer)" + (head.map { ".\($0)" } ?? "") }
        return Self.entry.name + (place ?? "")
    }

    /// The layer and the head must be there.
    package func check(_ configuration: any ClassifierConfiguration) throws(SaliencyError) {
        try require([.clsAttention(layer: 0)], of: configuration)
        for (what, place, count) in [
            ("layer", layer, configuration.layers), ("head", head, configuration.heads),
        ] {
            guard let place, place >= count else { continue }
            throw .wrongSettings(
                scorer: name,
                problem: "there is no \(what) \(place): the support model's \(what)s are numbered "
                    + "from 0 to \(count - 1)")
        }
    }

    /// The [CLS] row of the layer's attention.
    package func quantities(_ configuration: any ClassifierConfiguration) -> Set<TraceQuantity> {
        [.clsAttention(layer: layer ?? configuration.layers - 1)]
    }

    /// The chosen head, or the mean over heads.
    package func pieceScores(
        _ trace: Trace, _ chunk: TokenizedDocument, _ model: any TextClassifier
    ) -> [Float] {
        let attention = trace.required(
            .clsAttention(layer: layer ?? model.configuration.layers - 1))
        guard let head else { return Self.mean(attention, heads: model.configuration.heads) }
        return Array(attention[(head * trace.tokens)..<((head + 1) * trace.tokens)])
    }

    /// [tokens] from [heads, tokens].
    package static func mean(_ attention: [Float], heads: Int) -> [Float] {
        let tokens = attention.count / heads
        return (0..<tokens).map { token in
            var sum: Float = 0
            for head in 0..<heads { sum += attention[head * tokens + token] }
            return sum / Float(heads)
        }
    }
}
