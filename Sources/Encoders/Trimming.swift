import Tensors

extension SequenceClassifier {
    /// This model, a BERT, with fewer layers, word pieces and positions; what stays keeps its
    /// weights.
    ///
    /// - Parameters:
    ///   - layers: the numbers of the layers that stay, in order.
    ///   - pieces: the ids of the word pieces that stay; their order gives the new ids.
    ///   - maximumLength: how many positions stay.
    package func trimmed(layers: [Int], pieces: [Int], maximumLength: Int) -> SequenceClassifier {
        precondition(configuration.family.isTrimmable, "only BERT encoders are trimmed")
        precondition(
            !layers.isEmpty && layers.allSatisfy { (0..<configuration.layers).contains($0) }
                && pieces.allSatisfy { (0..<configuration.vocabularySize).contains($0) }
                && maximumLength <= configuration.maximumLength, "only what is there can stay")
        var smaller = configuration
        smaller.layers = layers.count
        smaller.vocabularySize = pieces.count
        smaller.maximumLength = maximumLength
        smaller.paddingTokenID = pieces.firstIndex(of: configuration.paddingTokenID) ?? 0
        let model = SequenceClassifier(
            smaller, labels: labels, hasPooler: head.pooler != nil)
        let byName = Dictionary(uniqueKeysWithValues: parameters.all.map { ($0.name, $0) })
        for parameter in model.parameters.all {
            var name = parameter.name
            for (new, old) in layers.enumerated()
            where name.hasPrefix("bert.encoder.layer.\(new).") {
                name =
                    "bert.encoder.layer.\(old)."
                    + name.dropFirst("bert.encoder.layer.\(new).".count)
                break
            }
            guard let source = byName[name].map({ parameters[$0] }) else { continue }
            let target = model.parameters[parameter]
            let rows =
                parameter == model.encoder.wordEmbeddings ? pieces : Array(0..<target.rows)
            for (row, sourceRow) in rows.enumerated() {
                (target.pointer + row * target.columns).update(
                    from: source.pointer + sourceRow * target.columns, count: target.columns)
            }
        }
        return model
    }
}
