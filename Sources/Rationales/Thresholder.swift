/// Turns scores into a selection of words.
///
/// A thresholder is a pure function: the same scores always select the same words.
///
/// Source: Jain, Wiegreffe, Pinter and Wallace, *Learning to Faithfully Rationalize by
/// Construction*, ACL 2020, section 3.
public protocol Thresholder: Sendable {
    /// The name by which commands and model folders know the thresholder, such as `top-k`.
    var name: String { get }

    /// Selects words.
    ///
    /// - Parameter scores: one finite score a word, in document order; higher means more salient.
    /// - Returns: the indices of the selected words, ascending, each once; at least one when there
    ///   is a word.
    func select(_ scores: [Float]) -> [Int]
}
