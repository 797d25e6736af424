/// Turns scores into a selection of words.
///
/// A thresholder is a pure function: the same scores always select the same words, whatever other
/// documents there are. Ties go to the earlier word, span or sentence, and sums are exact
/// (in fixed point), so that what ties on paper ties here.
///
/// Source: Jain, Wiegreffe, Pinter and Wallace, *Learning to Faithfully Rationalize by
/// Construction*, ACL 2020, section 3.
public protocol Thresholder: Sendable {
    /// The name by which commands and model folders know the thresholder, such as `top-k`.
    var name: String { get }

    /// Whether sentences decide what is selected.
    var readsSentences: Bool { get }

    /// Selects words.
    ///
    /// - Parameters:
    ///   - scores: one finite score a word, in document order; higher means more salient.
    ///   - sentences: the document's sentences as ranges of word indices: ascending, not empty,
    ///     together all words; anything where `readsSentences` is false.
    /// - Returns: the indices of the selected words, ascending, each once; at least one when there
    ///   is a word.
    func select(_ scores: [Float], sentences: [Range<Int>]) -> [Int]
}

extension Thresholder {
    /// Words alone decide, but for ``Sentences``.
    public var readsSentences: Bool { false }

    /// Selects words of a document that is taken as one sentence.
    public func select(_ scores: [Float]) -> [Int] {
        select(scores, sentences: scores.isEmpty ? [] : [0..<scores.count])
    }
}
