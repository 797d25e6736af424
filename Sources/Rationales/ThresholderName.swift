/// The name of a thresholder in commands and model folders, such as `top-k`.
public struct ThresholderName: RawRepresentable, Hashable, Sendable, Codable, CaseIterable {
    /// The name as text.
    public let rawValue: String

    init(_ name: String) { rawValue = name }

    /// Looks a thresholder up by name; nil where none has it.
    public init?(rawValue: String) {
        guard Self.allCases.contains(where: { $0.rawValue == rawValue }) else { return nil }
        self.rawValue = rawValue
    }

    /// Looks a thresholder up by name.
    ///
    /// - Throws: ``ThresholderError/unknownName(_:)``.
    package init(named name: String) throws(ThresholderError) {
        guard let known = Self(rawValue: name) else { throw .unknownName(name) }
        self = known
    }

    /// The names of all thresholders.
    public static let allCases = Thresholders.entries.map(\.name)

    /// The thresholder of the name.
    var entry: Thresholders.Entry {
        guard let entry = Thresholders.entries.first(where: { $0.name == self }) else {
            preconditionFailure("a name is that of an entry")
        }
        return entry
    }

    /// The options that the thresholder takes.
    package var options: [ThresholderOption] { entry.options }

    /// Whether the thresholder spends a budget over a data set.
    package var isGlobal: Bool { entry.calibrate != nil }
}
