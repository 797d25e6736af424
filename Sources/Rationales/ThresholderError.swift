import Errors

/// A thresholder that cannot be made as asked.
public enum ThresholderError: DescribedError, Hashable {
    /// No thresholder has this name.
    case unknownName(String)

    /// The option's value, as text, is out of its range.
    case outOfRange(ThresholderOption, value: String)

    /// The thresholder needs one of the options, and none is there.
    case missing([ThresholderOption], ThresholderName)

    /// The thresholder has no such option.
    case notTaken(ThresholderOption, ThresholderName)

    /// A budget both as a share and as a number of words.
    case twoBudgets(ThresholderName)

    /// A global budget and the cut-off that would spend it.
    case ratioAndCutOff(ThresholderName)

    /// A global budget that has no cut-off yet.
    case notCalibrated(ThresholderName)

    /// A request that does not fit together.
    public var kind: FailureKind { .wrongUsage }

    /// What is wrong, what was expected.
    public var problem: String {
        switch self {
        case .unknownName(let name):
            let known = Self.list(ThresholderName.allCases.map(\.rawValue))
            return "unknown thresholder \(name.debugDescription); choose one of: \(known)"
        case .outOfRange(let option, let value):
            return "the \(option.rawValue) is \(value); give \(option.range)"
        case .missing(let options, let name):
            let needed = options.map(\.rawValue).joined(separator: " or ")
            return "the thresholder \(name.rawValue) needs \(needed), which is not given"
        case .notTaken(let option, let name):
            let taken = Self.list(name.options.map(\.rawValue))
            return "the thresholder \(name.rawValue) takes no \(option.rawValue); "
                + (name.options.isEmpty ? "it takes no option" : "it takes: \(taken)")
        case .twoBudgets(let name):
            return "the thresholder \(name.rawValue) takes either ratio or words, not both"
        case .ratioAndCutOff(let name):
            return
                "the thresholder \(name.rawValue) takes either a ratio, for which training finds the "
                + "cut-off, or a cut-off, not both"
        case .notCalibrated(let name):
            return "the thresholder \(name.rawValue) has no cut-off, which training finds for its "
                + "ratio; train a model with it or give the cut-off"
        }
    }

    private static func list(_ names: [String]) -> String { names.joined(separator: ", ") }
}
