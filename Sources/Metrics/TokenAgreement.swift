extension InstanceAgreement {
    /// Agreement token by token: ERASER's `token_prf`.
    ///
    /// A token counts as marked when any range holds it. In the macro average every document counts
    /// in which somebody marked a token, with 0 where only one of the two did.
    ///
    ///     let pair = RationalePair(gold: [0..<4], predicted: [2..<5])
    ///     InstanceAgreement.ofTokens([pair]).micro.recall // 0.5: 2 of 4
    ///
    /// - Parameter pairs: one a document.
    /// - Complexity: O(ranges · log ranges) a document, whatever the ranges' lengths.
    package static func ofTokens(_ pairs: [RationalePair]) -> InstanceAgreement {
        InstanceAgreement(
            pairs.map { pair in
                let gold = RangeSet(pair.gold)
                let predicted = RangeSet(pair.predicted)
                return Counts(
                    shared: gold.intersection(predicted).tokenCount,
                    predicted: predicted.tokenCount, gold: gold.tokenCount)
            })
    }
}

extension RangeSet<Int> {
    /// The number of tokens in it.
    fileprivate var tokenCount: Int { ranges.reduce(0) { $0 + $1.count } }
}
