/// A source and the target that a model makes of it.
package struct SequencePair: Sendable, Hashable {
    /// Ids of the source, its end symbol included.
    package let source: [Int32]
    /// Ids of the target, from its start symbol to its end symbol.
    package let target: [Int32]

    /// A pair; a source has a word, and a target one behind its start.
    package init(source: [Int32], target: [Int32]) {
        precondition(!source.isEmpty && target.count > 1, "neither side is empty")
        self.source = source
        self.target = target
    }

    /// The words that are predicted: the target behind its start.
    package var words: ArraySlice<Int32> { target.dropFirst() }
}

/// Pairs laid end to end for one pass, sources and targets apart.
package struct PackedPairs: Sendable {
    /// Ids of all sources.
    package let sources: [Int32]
    /// Pair *i* has the source rows `sourceStarts[i]..<sourceStarts[i + 1]`.
    package let sourceStarts: [Int]
    /// What the decoder reads, teacher forced: every target without its last word.
    package let inputs: [Int32]
    /// What it is to predict after each of them: the word that follows.
    package let words: [Int32]
    /// Pair *i* has the target rows `targetStarts[i]..<targetStarts[i + 1]`.
    package let targetStarts: [Int]

    /// How many pairs there are.
    package var count: Int { sourceStarts.count - 1 }
    /// The target rows of pair `index`.
    package func targets(_ index: Int) -> Range<Int> {
        targetStarts[index]..<targetStarts[index + 1]
    }

    /// Packs pairs.
    package init(_ pairs: some Collection<SequencePair>) {
        sources = pairs.flatMap(\.source)
        inputs = pairs.flatMap { $0.target.dropLast() }
        words = pairs.flatMap(\.words)
        sourceStarts = pairs.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.source.count) }
        targetStarts = pairs.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.words.count) }
    }
}
