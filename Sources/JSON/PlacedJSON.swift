import Errors

/// A JSON value with its place in a file, for errors: `experiment.json: "data[1].train": …`.
package struct PlacedJSON {
    package let value: JSONValue
    package let file: String
    /// Keys and indices from the document down; empty for the document itself.
    package let path: String

    /// A document.
    package init(_ value: JSONValue, file: String) {
        self.init(value: value, file: file, path: "")
    }

    private init(value: JSONValue, file: String, path: String) {
        self.value = value
        self.file = file
        self.path = path
    }

    /// What is wrong at this place.
    package func error(_ problem: String, _ kind: FailureKind = .badData) -> WarrantError {
        let place = path.isEmpty ? file : "\(file): \"\(path)\""
        return WarrantError(kind, "\(place): \(problem)")
    }

    private func expected(_ what: String) -> WarrantError {
        error("expected \(what), not \(value.summary)")
    }

    private func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Checks that this is an object without other keys.
    package func check(keys known: [String]) throws {
        guard let members = value.object else { throw expected("an object") }
        if let key = members.keys.sorted().first(where: { !known.contains($0) }) {
            let unknown = PlacedJSON(value: .null, file: file, path: place(key.visible))
            throw unknown.error("unknown key; known: \(known.joined(separator: ", "))")
        }
    }

    /// The member of an object; nil where there is none or it is null.
    package func member(_ key: String) -> PlacedJSON? {
        value[key].map { PlacedJSON(value: $0, file: file, path: place(key)) }
    }

    /// The member of an object.
    package func required(_ key: String) throws -> PlacedJSON {
        guard let member = member(key) else { throw error("the key \"\(key)\" is missing") }
        return member
    }

    /// An array's elements, at least one.
    package func elements() throws -> [PlacedJSON] {
        guard let array = value.array else { throw expected("an array") }
        guard !array.isEmpty else { throw error("expected at least one element") }
        return array.enumerated().map {
            PlacedJSON(value: $1, file: file, path: "\(path)[\($0)]")
        }
    }

    /// What `read` makes of each element of an array; no two may be the same.
    package func distinct<Value: Hashable>(_ read: (PlacedJSON) throws -> Value) throws -> [Value] {
        var values: [Value] = []
        for element in try elements() {
            let value = try read(element)
            guard !values.contains(value) else { throw element.error("is given twice") }
            values.append(value)
        }
        return values
    }

    /// A string that is not empty.
    package func string() throws -> String {
        guard let string = value.string, !string.isEmpty else { throw expected("a string") }
        return string
    }

    /// A whole number in a range.
    package func integer(in range: ClosedRange<Int>) throws -> Int {
        guard let number = value.integer else { throw expected("a whole number") }
        guard range.contains(number) else {
            throw expected("a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A number.
    package func number() throws -> Double {
        guard let number = value.double else { throw expected("a number") }
        return number
    }

    /// A number in a range.
    package func number(in range: ClosedRange<Double>) throws -> Double {
        let number = try number()
        guard range.contains(number) else {
            throw expected("a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// true or false.
    package func boolean() throws -> Bool {
        guard case .boolean(let value) = value else { throw expected("true or false") }
        return value
    }

    /// One of some names.
    package func name<Name: RawRepresentable & CaseIterable>() throws -> Name
    where Name.RawValue == String {
        let text = try string()
        guard let name = Name(rawValue: text) else {
            let known = Name.allCases.map(\.rawValue).joined(separator: ", ")
            throw error("unknown name \(text.debugDescription); choose one of: \(known)")
        }
        return name
    }
}
