#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension JSONDecoder {
    /// Decodes a line that holds one JSON object.
    ///
    /// - Parameters:
    ///   - type: what the object is decoded as.
    ///   - line: the line.
    ///   - location: the line's place, for errors.
    ///   - example: what a line should be like, for errors.
    /// - Returns: `nil` for a blank line.
    /// - Throws: ``DatasetError`` that names the line and the field at fault.
    package func row<Row: Decodable>(
        _ type: Row.Type, from line: LineReader.Line, at location: SourceLocation,
        like example: String
    ) throws(DatasetError) -> Row? {
        try row(from: line, at: location, like: example) { try decode(type, from: $0) }
    }

    /// Decodes a line that holds one JSON object by a closure.
    ///
    /// - Parameter example: what a line should be like, for errors.
    /// - Returns: `nil` for a blank line.
    /// - Throws: ``DatasetError`` that names the line and the field at fault.
    package func row<Row>(
        from line: LineReader.Line, at location: SourceLocation, like example: String,
        decode: (Data) throws -> Row
    ) throws(DatasetError) -> Row? {
        guard let first = line.bytes.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else {
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
            return try decode(Data(buffer: line.bytes))
        } catch let error as DatasetError {
            throw error
        } catch {
            throw DatasetError(.badData, at: location, describe(error, in: line.bytes))
        }
    }

    private func describe(
        _ error: any Error, in bytes: UnsafeBufferPointer<UInt8>
    ) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            let field = path(context.codingPath + [key])
            return "there is no field \(field); expected it in every row: add it"
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            return "the field \(path(context.codingPath)) is not \(name(of: type)): correct it"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            return
                "the field \(path(context.codingPath)) has a value that it cannot have: correct it"
        default:
            return jsonProblem(in: bytes) ?? unfitNumber
        }
    }

    private func path(_ keys: [any CodingKey]) -> String {
        let path = keys.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }
        return DatasetError.quoteName(path.joined(separator: "."))
    }

    private func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Int.Type: "a whole number"
        case is Bool.Type: "true or false"
        case is any RandomAccessCollection.Type: "an array"
        default: "of the expected type"
        }
    }
}
