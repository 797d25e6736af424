extension JSONValue {
    /// Reads a JSON document from bytes that may be hostile.
    ///
    /// - Throws: `TokenizerError.malformed` naming the file and the line.
    package init(json bytes: [UInt8], file: String) throws {
        self = try JSONParser.value(of: bytes, file: file)
    }
}
