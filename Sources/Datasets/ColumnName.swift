/// A column of a table or a field of a JSON row, by name or by position.
public enum ColumnName: Sendable, Hashable, CustomStringConvertible {
    /// The column with this name in the table's first row, or the JSON field with this name.
    case name(String)

    /// The column at this position, counted from 1.
    case number(Int)

    /// Reads a command's argument: digits alone are a position, anything else is a name.
    public init(_ argument: String) {
        if !argument.isEmpty, argument.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(argument)
        {
            self = .number(number)
        } else {
            self = .name(argument)
        }
    }

    /// The name in quotes, or the number.
    public var description: String {
        switch self {
        case .name(let name): DatasetError.quote(name)
        case .number(let number): "\(number)"
        }
    }
}
