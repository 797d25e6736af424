/// The thresholders that commands and model folders can name.
public enum ThresholderName: String, Sendable, Codable, CaseIterable {
    /// ``TopK``.
    case topK = "top-k"

    /// ``Contiguous``.
    case contiguous

    /// Looks a thresholder up by name.
    ///
    /// - Throws: ``ThresholderError/unknownName(_:)``.
    public init(named name: String) throws(ThresholderError) {
        guard let known = Self(rawValue: name) else { throw .unknownName(name) }
        self = known
    }

    /// The thresholder that keeps `ratio` of a document's words, `ratio` in (0, 1].
    ///
    /// - Throws: ``ThresholderError/ratioOutOfRange(_:)``.
    public func thresholder(ratio: Double) throws(ThresholderError) -> any Thresholder {
        guard ratio > 0 && ratio <= 1 else { throw .ratioOutOfRange(ratio) }
        switch self {
        case .topK: return TopK(ratio: ratio)
        case .contiguous: return Contiguous(ratio: ratio)
        }
    }
}

/// A thresholder that cannot be made as asked.
public enum ThresholderError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No thresholder has this name.
    case unknownName(String)

    /// The ratio is not in (0, 1].
    case ratioOutOfRange(Double)

    /// One line: what is wrong, what was expected.
    public var description: String {
        switch self {
        case .unknownName(let name):
            let known = ThresholderName.allCases.map(\.rawValue).joined(separator: ", ")
            return "unknown thresholder \(name.debugDescription); choose one of: \(known)"
        case .ratioOutOfRange(let ratio):
            return "the ratio is \(ratio); give the share of words to keep, above 0 and at most 1"
        }
    }
}
