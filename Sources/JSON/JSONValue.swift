import Errors

/// A JSON document's value.
package enum JSONValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    case number(Double)
    /// A whole number beyond 2^53 that a double would round, such as a seed.
    case wholeNumber(Int128)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// The member of an object; nil where there is none, where it is null, and in other values.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self, let value = members[key], value != .null else {
            return nil
        }
        return value
    }

    package var string: String? {
        if case .string(let string) = self { string } else { nil }
    }

    package var array: [JSONValue]? {
        if case .array(let array) = self { array } else { nil }
    }

    package var object: [String: JSONValue]? {
        if case .object(let object) = self { object } else { nil }
    }

    /// A whole number that a double holds exactly.
    package var integer: Int? {
        if case .number(let number) = self { Int(exactly: number) } else { nil }
    }

    /// The nearest double of a number.
    package var double: Double? {
        switch self {
        case .number(let number): number
        case .wholeNumber(let number): Double(number)
        default: nil
        }
    }

    /// The value as an error text shows it.
    package var summary: String {
        switch self {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
        case .wholeNumber(let value): "\(value)"
        case .string(let value): quoted(value)
        case .array: "an array"
        case .object: "an object"
        }
    }
}
