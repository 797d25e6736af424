#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// ERASER's file of all documents, `docs.jsonl`: a row `{"docid", "document"}` for each.
///
/// The rows' places are in memory, the documents are not.
final class EraserDocumentFile {
    private let path: String
    private let descriptor: Int32
    private var rows: [String: (offset: Int, length: Int)] = [:]

    /// Finds the documents of a file.
    ///
    /// - Throws: ``DatasetError`` about the first row that is no document, or is there twice.
    /// - Complexity: O(bytes of the file).
    init(path: String, maximumBytes: Int) throws(DatasetError) {
        self.path = path
        let lines = try LineReader(path: path, maximumLineBytes: maximumBytes)
        var found: [String: (offset: Int, length: Int)] = [:]
        while let line = try lines.next() {
            guard line.bytes.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
            let row = try Self.row(line.bytes, at: lines.location)
            let place = (lines.lineOffset, line.bytes.count)
            if found.updateValue(place, forKey: row.name) != nil {
                throw DatasetError(
                    .badData, at: lines.location,
                    "the document \(DatasetError.quoteName(row.name)) is there twice; expected each once: "
                        + "drop one of the rows")
            }
        }
        guard !lines.isPacked else {
            throw DatasetError(
                .badData, at: SourceLocation(file: path),
                "is packed, and documents are read from their places in it: unpack it with gzip -d")
        }
        rows = found
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw DatasetError(
                .missingInput, at: SourceLocation(file: path), "cannot be opened again; check it")
        }
    }

    deinit { close(descriptor) }

    /// Whether there is a document of this name.
    func contains(_ name: String) -> Bool { rows[name] != nil }

    /// A document's text.
    ///
    /// - Parameter location: the row that asks for it, for errors.
    /// - Throws: ``DatasetError`` when it is missing, or the file is another one by now.
    func text(_ name: String, at location: SourceLocation) throws(DatasetError) -> String {
        guard let place = rows[name] else {
            throw DatasetError(
                .missingInput, at: location,
                "the row's document \(DatasetError.quoteName(name)) is not in \(path): add it or correct the "
                    + "docid")
        }
        let bytes = [UInt8](unsafeUninitializedCapacity: place.length) { buffer, count in
            while count < place.length, let base = buffer.baseAddress {
                let got = pread(
                    descriptor, base + count, place.length - count, off_t(place.offset + count))
                if got < 0 && errno == EINTR { continue }
                if got <= 0 { break }
                count += got
            }
        }
        let row = try bytes.withUnsafeBufferPointer { bytes throws(DatasetError) in
            if let flaw = TextFlaw(in: bytes) {
                throw flaw.error(at: SourceLocation(file: path))
            }
            return try Self.row(bytes, at: SourceLocation(file: path))
        }
        guard row.name == name else {
            throw DatasetError(
                .badData, at: location, "\(path) was altered while it was read: start again")
        }
        return row.text
    }

    private static func row(
        _ bytes: UnsafeBufferPointer<UInt8>, at location: SourceLocation
    ) throws(DatasetError) -> (name: String, text: String) {
        do throws(JSONRowProblem) {
            let fields = try JSONFields(bytes)
            guard let name = try RowText.id(fields["docid"]), let text = fields["document"]?.string
            else {
                throw JSONRowProblem(
                    message:
                        "is no document; expected {\"docid\": \"…\", \"document\": \"…\"}, and the "
                        + "fields are \(fields.listing)")
            }
            return (name, text)
        } catch {
            throw DatasetError(.badData, at: location, error.message)
        }
    }
}
