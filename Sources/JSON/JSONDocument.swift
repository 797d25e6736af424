extension JSONValue {
    /// Reads a JSON document from bytes that may be hostile.
    ///
    /// - Throws: `JSONError` naming the file and the line, also for a name that an
    ///   object has twice: which of the values is meant cannot be known. Names that are canonically
    ///   equivalent, such as é in one scalar and in two, are the same name.
    package init(json bytes: [UInt8], file: String) throws {
        self = try JSONParser.value(of: bytes, file: file, allowsRepeats: false)
    }
}
