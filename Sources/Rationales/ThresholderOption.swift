/// What can be set of a thresholder; which of it, ``ThresholderName/options`` says.
public enum ThresholderOption: String, Sendable, CaseIterable {
    /// The share of words to keep.
    case ratio

    /// The number of words to keep.
    case words

    /// The share of the saliency to keep.
    case mass

    /// The lowest score that is kept, or what a global budget was calibrated to.
    case cutOff = "cut-off"

    /// The fewest words of a document under a global budget.
    case minimumWords = "minimum-words"

    /// What the option may be.
    var range: String {
        switch self {
        case .ratio: "the share of words to keep, above 0 and at most 1"
        case .words: "the number of words to keep, at least 1"
        case .mass: "the share of the saliency to keep, above 0 and at most 1"
        case .cutOff: "a finite number; for threshold a share of the saliency, 0 to 1"
        case .minimumWords: "the fewest words of a document, at least 1"
        }
    }
}
