import Errors

/// Data that cannot be read, told in one line: where, what is wrong, what to do.
public struct DatasetError: DescribedError, Hashable {
    /// What sort of failure it is.
    package typealias Kind = FailureKind

    /// What sort of failure it is.
    public let kind: FailureKind

    /// Where it is.
    public let location: SourceLocation

    /// What is wrong, what was expected and what to do.
    public let message: String

    /// The location.
    public var place: String? { location.description }
    /// The message.
    public var problem: String { message }

    /// Describes a failure; the message is one line.
    package init(_ kind: Kind, at location: SourceLocation, _ message: String) {
        self.kind = kind
        self.location = location
        self.message = message
    }

    /// Text from a file for use in a message: quoted, on one line, cut to 40 scalars.
    package static func quote(_ text: some StringProtocol) -> String { quote(text, limit: 40) }

    /// A name that must be told from others, such as a field's or a document's: as `quote`, cut to
    /// 100 scalars.
    package static func quoteName(_ name: some StringProtocol) -> String { quote(name, limit: 100) }

    private static func quote(_ text: some StringProtocol, limit: Int) -> String {
        let start = String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
        let whole = start.utf8.count == text.utf8.count
        return start.debugDescription + (whole ? "" : "…")
    }
}
