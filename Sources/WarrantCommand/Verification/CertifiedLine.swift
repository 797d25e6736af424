import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A line of `warrant classify --certificates`, as it was found.
struct CertifiedLine: Decodable, Sendable {
    /// A run of selected words.
    struct Snippet: Decodable, Sendable {
        let text: String
        let start: Int
        let end: Int
        let words: [Int]
    }

    let id: String
    /// Nil for a document without a prediction.
    let label: String?
    let probabilities: [String: Float]?
    let rationale: [Snippet]?
    let input: String?
    let certificate: Certificate?

    enum CodingKeys: String, CodingKey {
        case id, label, probabilities, rationale, certificate
        case input = "classifier_input"
    }
}

/// Certified lines of a file or a stream.
///
/// A class, for a place in a file is one place.
final class CertifiedLines {
    /// A line and its number.
    struct Entry {
        let number: Int
        let line: CertifiedLine
    }

    private let reader: LineReader
    private let decoder = JSONDecoder()

    init(_ reader: LineReader) { self.reader = reader }

    /// The next lines, at most `count`; nil after the last.
    ///
    /// - Throws: `DatasetError` for a line that is no JSON or has a label without a certificate.
    func next(_ count: Int) throws -> [Entry]? {
        var entries: [Entry] = []
        while entries.count < count, entries.isEmpty || !reader.mustWait {
            guard let line = try reader.next() else { break }
            let location = reader.location
            guard let row = try decoder.row(CertifiedLine.self, from: line, at: location) else {
                continue
            }
            guard row.certificate != nil || row.label == nil else {
                throw DatasetError(
                    .badData, at: location,
                    "the line has no certificate; run warrant classify with --certificates")
            }
            entries.append(Entry(number: location.line, line: row))
        }
        return entries.isEmpty ? nil : entries
    }
}
