extension InstanceAgreement {
    /// Agreement span by span, where only the very same span is a hit: ERASER's `rationale_prf`.
    ///
    /// In the macro average every document counts in which somebody marked a span.
    ///
    /// - Parameter pairs: one a document.
    /// - Complexity: O(spans).
    package static func ofSpans(_ pairs: [RationalePair]) -> InstanceAgreement {
        InstanceAgreement(
            pairs.map { pair in
                let gold = Set(pair.gold)
                let predicted = Set(pair.predicted)
                return Counts(
                    shared: gold.intersection(predicted).count, predicted: predicted.count,
                    gold: gold.count)
            })
    }
}
