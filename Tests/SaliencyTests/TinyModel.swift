import Encoders
import Randomness
import Saliency
import Tensors
import TestSupport
import Tokenization

/// A small classifier with random weights, large enough that attention is far from uniform, and
/// chunks for it.
enum TinyModel {
    static let maskTokenID: Int32 = 4
    static let vocabulary = 40

    static func make(
        layers: Int = 2, heads: Int = 4, hidden: Int = 32, labels: Int = 2, seed: UInt64 = 3,
        family: EncoderFamily = .bert
    ) -> SequenceClassifier {
        let configuration = EncoderConfiguration(
            hiddenSize: hidden, layers: layers, heads: heads, intermediateSize: 2 * hidden,
            vocabularySize: vocabulary, maximumLength: 64
        ).adapted(to: family)
        let model = SequenceClassifier(configuration, labels: (0..<labels).map { "class \($0)" })
            .randomized(seed: seed, range: 0.5)
        return model
    }

    /// A chunk of `words` words of one to three pieces each, of which the first is word `first` of
    /// a document that is three words longer.
    static func chunk(words: Int, first: Int = 0, seed: UInt64 = 1) -> TokenizedDocument {
        var generator = SeededGenerator(seed: seed)
        var (ids, indices): ([Int32], [Int32]) = ([2], [-1])
        for word in first..<(first + words) {
            for _ in 0...(generator.next() % 3) {
                ids.append(Int32(5 + generator.next() % UInt64(vocabulary - 5)))
                indices.append(Int32(word))
            }
        }
        ids.append(3)
        indices.append(-1)
        return TokenizedDocument(
            ids: ids, segmentIDs: ids.map { _ in 0 }, offsets: ids.map { _ in 0..<0 },
            wordIndices: indices, words: (0..<(first + words + 3)).map { (2 * $0)..<(2 * $0 + 1) },
            wholeWords: first..<(first + words))
    }

    /// Chunks of many sizes: without words, [CLS] alone, from a document's middle, with a query
    /// and a cut word.
    static let chunks: [TokenizedDocument] =
        [
            chunk(words: 0), chunk(words: 1), chunk(words: 9, first: 7, seed: 5),
            TokenizedDocument(
                ids: [2], segmentIDs: [0], offsets: [0..<0], wordIndices: [-1], words: [],
                readWords: 0),
            SaliencyMapTests.document,
        ] + (2..<12).map { chunk(words: $0, seed: UInt64($0)) }

    static func context(
        _ model: any TextClassifier = make(), threads: Int = 1, precision: Precision = .fp32
    ) -> ScoringContext {
        ScoringContext(
            model: model, maskTokenID: maskTokenID,
            workers: Workers(threads: threads, precision: precision))
    }

    /// What a scorer says of one chunk.
    static func score(
        _ scorer: any SaliencyScorer, _ chunk: TokenizedDocument,
        _ model: any TextClassifier = make()
    ) throws -> ChunkSaliency {
        try scorer.score([SaliencyInput(chunk)], context(model))[0]
    }

    /// A parameter's values [rows, columns] by its name's end.
    static func values(_ model: SequenceClassifier, _ suffix: String) -> Tensor? {
        model.parameters.all.first { $0.name.hasSuffix(suffix) }.map { model.parameters[$0] }
    }
}
