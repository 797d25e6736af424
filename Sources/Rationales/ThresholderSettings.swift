/// A thresholder's name and parameters, as commands take them and `warrant.json` keeps them.
///
///     try ThresholderSettings(.sentences, words: 40).thresholder().select(scores)
///
/// A global budget is given as a ratio; ``calibrated(on:)`` turns it into a cut-off, after which
/// the settings make a thresholder.
public struct ThresholderSettings: Codable, Hashable, Sendable {
    /// The share of words that is kept where nothing else is said.
    public static let defaultRatio = 0.2

    /// The thresholder.
    public var name: ThresholderName

    /// The share of words to keep, in (0, 1]: of a document, or under a global budget of the data
    /// set.
    public var ratio: Double?

    /// The number of words to keep of a document, at least 1.
    public var words: Int?

    /// The share of the saliency to keep, in (0, 1].
    public var mass: Double?

    /// For ``Threshold`` the lowest score that is kept, 0 to 1; for a global budget the multiple
    /// of a document's mean score that it was calibrated to.
    public var cutOff: Double?

    /// The fewest words of a document under a global budget, at least 1.
    public var minimum: Int?

    enum CodingKeys: String, CodingKey {
        case name = "thresholder"
        case ratio, words, mass
        case cutOff = "cut_off"
        case minimum = "minimum_words"
    }

    /// Settings with their defaults filled in: a budget is ``defaultRatio`` where neither words
    /// nor a cut-off is given, and a global one has a minimum of one word. Out of range values are
    /// kept for ``validate()`` to name.
    public init(
        _ name: ThresholderName = .topK, ratio: Double? = nil, words: Int? = nil,
        mass: Double? = nil, cutOff: Double? = nil, minimum: Int? = nil
    ) {
        let hasBudget = ratio != nil || words != nil || cutOff != nil
        let takesRatio = name.options.contains(.ratio)
        self.name = name
        self.ratio = takesRatio && !hasBudget ? Self.defaultRatio : ratio
        self.words = words
        self.mass = mass
        self.cutOff = cutOff
        self.minimum = name.isGlobal ? minimum ?? 1 : minimum
    }

    /// Reads settings as they were written, without defaults and without validation; keys of
    /// others in the same object are passed over.
    ///
    /// - Throws: `DecodingError` for a value of another type, ``ThresholderError/unknownName(_:)``.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try ThresholderName(named: values.decode(String.self, forKey: .name))
        ratio = try values.decodeIfPresent(Double.self, forKey: .ratio)
        words = try values.decodeIfPresent(Int.self, forKey: .words)
        mass = try values.decodeIfPresent(Double.self, forKey: .mass)
        cutOff = try values.decodeIfPresent(Double.self, forKey: .cutOff)
        minimum = try values.decodeIfPresent(Int.self, forKey: .minimum)
    }

    /// Whether a cut-off is to be found on training documents first.
    package var needsCalibration: Bool { name.isGlobal && cutOff == nil }

    /// Checks that the thresholder has what it needs and nothing else, in range.
    ///
    /// - Throws: ``ThresholderError``, the first that is found.
    package func validate() throws(ThresholderError) {
        for option in ThresholderOption.allCases {
            guard let value = value(of: option) else { continue }
            guard name.options.contains(option) else { throw .notTaken(option, name) }
            guard isInRange(option) else { throw .outOfRange(option, value: value) }
        }
        if ratio != nil && words != nil { throw .twoBudgets(name) }
        for options in name.entry.needs where options.allSatisfy({ value(of: $0) == nil }) {
            throw .missing(options, name)
        }
    }

    /// Checks settings that somebody asks for: as ``validate()``, and a global budget has no cut-off
    /// beside the ratio, as it has once it is calibrated.
    ///
    /// - Throws: ``ThresholderError``, the first that is found.
    package func validateRequest() throws(ThresholderError) {
        try validate()
        if name.isGlobal && ratio != nil && cutOff != nil { throw .ratioAndCutOff(name) }
    }

    /// The thresholder.
    ///
    /// - Throws: ``ThresholderError`` of ``validate()``, or
    ///   ``ThresholderError/notCalibrated(_:)``.
    public func thresholder() throws(ThresholderError) -> any Thresholder {
        try validate()
        return try name.entry.make(self)
    }

    /// The settings with the cut-off that spends a global budget over these documents; the same
    /// settings where there is nothing to calibrate.
    ///
    /// - Parameter scores: the scores of each training document, finite.
    /// - Throws: ``ThresholderError`` of ``validate()``.
    /// - Complexity: see ``GlobalContiguous/calibrated(on:ratio:minimum:)``.
    package func calibrated(on scores: [[Float]]) throws(ThresholderError) -> Self {
        try validate()
        guard cutOff == nil, let calibrate = name.entry.calibrate else { return self }
        var settings = self
        settings.cutOff = calibrate(
            scores, try given(ratio, .ratio), try given(minimum, .minimumWords))
        return settings
    }

    /// The share or number of a document's words.
    var budget: Budget {
        get throws(ThresholderError) {
            if let words { return .words(words) }
            return .ratio(try given(ratio, .ratio))
        }
    }

    /// An option's value, which must be there.
    func given<Value>(
        _ value: Value?, _ option: ThresholderOption
    ) throws(ThresholderError) -> Value {
        guard let value else { throw .missing([option], name) }
        return value
    }

    private func value(of option: ThresholderOption) -> String? {
        switch option {
        case .ratio: ratio.map { "\($0)" }
        case .words: words.map { "\($0)" }
        case .mass: mass.map { "\($0)" }
        case .cutOff: cutOff.map { "\($0)" }
        case .minimumWords: minimum.map { "\($0)" }
        }
    }

    private func isInRange(_ option: ThresholderOption) -> Bool {
        switch option {
        case .ratio: ratio.map { $0 > 0 && $0 <= 1 } ?? true
        case .words: words.map { $0 >= 1 } ?? true
        case .mass: mass.map { $0 > 0 && $0 <= 1 } ?? true
        case .cutOff: cutOff.map { name.isGlobal ? $0.isFinite : $0 >= 0 && $0 <= 1 } ?? true
        case .minimumWords: minimum.map { $0 >= 1 } ?? true
        }
    }
}
