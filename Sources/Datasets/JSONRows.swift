/// Hands out a file's JSON objects one after another: one a line, or the elements of an array where the
/// file begins with a bracket.
///
/// A class, for a place in a file is one place.
package final class JSONRows {
    /// Where the object last handed out begins.
    private(set) var location: SourceLocation
    /// Whether objects are elements of an array.
    var isArray: Bool { array != nil }

    private let lines: LineReader
    private var array: JSONArrayElements?
    private var hasBegun = false

    init(lines: LineReader) {
        self.lines = lines
        location = lines.location
    }

    /// Whether `next` would have to wait for a pipe.
    var mustWait: Bool {
        guard hasBegun else { return lines.mustWait }
        return array?.mustWait() ?? lines.mustWait
    }

    /// Whether rows may follow after an error.
    var canContinue: Bool { !lines.hasFailed && array?.hasFailed != true }

    /// Reads the next object, past blank lines.
    ///
    /// - Parameter read: is given the object's bytes, valid UTF-8 that begins with a brace.
    /// - Returns: what `read` returns; nil after the last object.
    func next<Row>(
        _ read: (UnsafeBufferPointer<UInt8>) throws(DatasetError) -> Row
    ) throws(DatasetError) -> Row? {
        if !hasBegun {
            if try lines.firstByte() == UInt8(ascii: "[") {
                array = JSONArrayElements(lines: lines)
            }
            hasBegun = true
        }
        if array != nil {
            guard try array?.next() == true, let array else { return nil }
            location = SourceLocation(file: lines.name, line: array.elementLine)
            do throws(DatasetError) {
                return try array.element.withUnsafeBufferPointer { bytes throws(DatasetError) in
                    if let flaw = TextFlaw(in: bytes) { throw flaw.error(at: location) }
                    guard bytes.first == UInt8(ascii: "{") else {
                        throw DatasetError(
                            .badData, at: location,
                            "not an object; expected one such as {\"text\": \"…\"}")
                    }
                    return try read(bytes)
                }
            } catch {
                // Several elements may stand in one line.
                throw DatasetError(
                    error.kind, at: error.location, "element \(array.number): \(error.message)")
            }
        }
        while true {
            guard let line = try lines.next() else { return nil }
            location = lines.location
            let blanks = line.bytes.prefix { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            guard blanks.count < line.bytes.count else { continue }
            guard line.bytes[blanks.count] == UInt8(ascii: "{") else {
                throw DatasetError(
                    .badData, at: location,
                    "not a JSON object; expected one object a line, such as {\"text\": \"…\"}, or an array "
                        + "of them: check the file and --format")
            }
            return try read(line.bytes)
        }
    }
}
