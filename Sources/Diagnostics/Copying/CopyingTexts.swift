import Encoders
import Randomness

/// Texts of symbols that a model is to copy (Snell et al. 2021, section 5.2): ids from 0 on are
/// symbols, then come the end and the start symbol.
///
/// In a permutation of all symbols every symbol meets every other one, so that which words occur
/// together says nothing about which word becomes which.
package struct CopyingTexts: Sendable, Hashable, Codable {
    /// How many symbols there are.
    package var symbols: Int
    /// How many a text has.
    package var length: Int
    /// Whether a text may have a symbol more than once: each is drawn for itself, each as likely.
    package var repeats: Bool

    /// Texts of this kind.
    package init(symbols: Int, length: Int, repeats: Bool) {
        precondition(
            symbols > 0 && length > 0 && (repeats || length <= symbols),
            "without repetition a text has no more words than there are symbols")
        self.symbols = symbols
        self.length = length
        self.repeats = repeats
    }

    /// Permutations of 40 symbols.
    package static let permutations = CopyingTexts(symbols: 40, length: 40, repeats: false)
    /// 40 of 60 symbols, in any order.
    package static let subsets = CopyingTexts(symbols: 60, length: 40, repeats: false)
    /// 40 symbols, each independent of the others.
    package static let independent = CopyingTexts(symbols: 40, length: 40, repeats: true)

    /// The id of the end symbol.
    package var end: Int32 { Int32(symbols) }
    /// The id of the start symbol.
    package var start: Int32 { Int32(symbols) + 1 }
    /// Ids lie below it.
    package var vocabularySize: Int { symbols + 2 }

    /// Draws texts, each as source and target.
    package func draw(_ count: Int, from generator: inout SeededGenerator) -> [SequencePair] {
        (0..<count).map { _ in
            let text =
                repeats
                ? (0..<length).map { _ in Int32(generator.below(symbols)) }
                : generator.shuffled(0..<symbols).prefix(length).map { Int32($0) }
            return SequencePair(source: text + [end], target: [start] + text + [end])
        }
    }
}
