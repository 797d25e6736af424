/// The thresholders that commands and model folders can name.
public enum ThresholderName: String, Sendable, Codable, CaseIterable {
    /// ``TopK``.
    case topK = "top-k"

    /// ``Contiguous``.
    case contiguous

    /// ``TopP``.
    case topP = "top-p"

    /// ``Sentences``.
    case sentences

    /// ``GlobalTopK``.
    case globalTopK = "global-top-k"

    /// ``GlobalContiguous``.
    case globalContiguous = "global-contiguous"

    /// ``Threshold``.
    case threshold

    /// Looks a thresholder up by name.
    ///
    /// - Throws: ``ThresholderError/unknownName(_:)``.
    public init(named name: String) throws(ThresholderError) {
        guard let known = Self(rawValue: name) else { throw .unknownName(name) }
        self = known
    }

    /// The options that the thresholder takes.
    public var options: [ThresholderOption] {
        switch self {
        case .topK, .contiguous, .sentences: [.ratio, .words]
        case .topP: [.mass]
        case .globalTopK, .globalContiguous: [.ratio, .cutOff, .minimumWords]
        case .threshold: [.cutOff]
        }
    }

    /// Whether the thresholder spends a budget over a data set.
    public var isGlobal: Bool { self == .globalTopK || self == .globalContiguous }
}

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
