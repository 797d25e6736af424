extension JSONValue {
    /// Reads a JSON document from bytes that may be hostile.
    ///
    /// - Throws: `JSONError` naming the file and the line, also for a name that an
    ///   object has twice: which of the values is meant cannot be known.
    package init(json bytes: [UInt8], file: String) throws {
        self = try JSONParser.value(of: bytes, file: file, allowsRepeats: false)
    }
}
