import JSON

extension LineReader.Line {
    /// What `decode` makes of a line that holds one JSON object.
    ///
    /// - Parameters:
    ///   - location: the line's place, for errors.
    ///   - example: what a line should be like, for errors.
    /// - Returns: `nil` for a blank line.
    /// - Throws: ``DatasetError`` that names the line and the field at fault, also of a `DecodingError`
    ///   that `decode` throws.
    package func object<Row>(
        at location: SourceLocation, like example: String, _ decode: (JSONValue) throws -> Row
    ) throws(DatasetError) -> Row? {
        guard let first = bytes.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else {
            return nil
        }
        guard first == UInt8(ascii: "{") else {
            throw DatasetError(
                .badData, at: location,
                "not a JSON object; expected one object a line, such as \(example): "
                    + (first == UInt8(ascii: "[")
                        ? "write the array's elements a line each"
                        : "check that it is the right file"))
        }
        do {
            return try decode(JSONValue(json: Array(bytes), file: location.file))
        } catch {
            throw DatasetError(.badData, at: location, Self.description(error))
        }
    }

    private static func description(_ error: any Error) -> String {
        if let error = error as? JSONError { return error.problem }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            let field = path(context.codingPath + [key])
            return "there is no field \(field); expected it in every row: add it"
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            return "the field \(path(context.codingPath)) is not \(name(of: type)): correct it"
        case .dataCorrupted(let context):
            let problem =
                (context.underlyingError as? UnfitNumber)?.description
                ?? "has a value that it cannot have"
            return "the field \(path(context.codingPath)) \(problem): correct it"
        default: return "\(error)"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        let path = keys.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }
        return DatasetError.quoteName(path.joined(separator: "."))
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Int.Type: "a whole number"
        case is Bool.Type: "true or false"
        case is any RandomAccessCollection.Type: "an array"
        default: "of the expected type"
        }
    }
}
