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

    /// Whether the line says why nothing could be predicted of a document, and nothing else: an
    /// answer whose certificate was taken away must not pass for such a line.
    let isWithoutPrediction: Bool

    enum CodingKeys: String, CodingKey {
        case id, label, probabilities, rationale, certificate
        case input = "classifier_input"
    }

    /// A field of a line, known or not.
    private struct FieldName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(String.self, forKey: .id)
        label = try values.decodeIfPresent(String.self, forKey: .label)
        probabilities = try values.decodeIfPresent([String: Float].self, forKey: .probabilities)
        rationale = try values.decodeIfPresent([Snippet].self, forKey: .rationale)
        input = try values.decodeIfPresent(String.self, forKey: .input)
        certificate = try values.decodeIfPresent(Certificate.self, forKey: .certificate)
        let fields = try decoder.container(keyedBy: FieldName.self)
        let error = FieldName(stringValue: "error")
        isWithoutPrediction =
            try label == nil && (rationale ?? []).isEmpty
            && fields.decodeIfPresent(String.self, forKey: error) != nil
            && fields.allKeys.allSatisfy {
                ["id", "label", "rationale", "error"].contains($0.stringValue)
            }
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
    private var hasCertificates = false
    private var failure: (any Error)?

    init(_ reader: LineReader) { self.reader = reader }

    /// The next lines, at most `count` and about `bytes`; nil after the last. Lines before one that
    /// cannot be read are handed out first; the error follows with the next call.
    ///
    /// - Throws: `DatasetError` for a line that is no JSON, and for answers that were made without
    ///   certificates: where one is missing and none was there so far.
    func next(_ count: Int, bytes: Int) throws -> [Entry]? {
        if let failure { throw failure }
        var entries: [Entry] = []
        var left = bytes
        var bare: SourceLocation?
        do {
            while entries.count < count, entries.isEmpty || (left > 0 && !reader.mustWait) {
                guard let line = try reader.next() else { break }
                left -= line.bytes.count
                guard let row = try row(of: line) else { continue }
                let location = reader.location
                if row.certificate != nil {
                    hasCertificates = true
                } else if !row.isWithoutPrediction {
                    bare = bare ?? location
                }
                entries.append(Entry(number: location.line, line: row))
            }
        } catch {
            failure = error
            if entries.isEmpty { throw error }
        }
        if let bare, !hasCertificates {
            throw DatasetError(
                .badData, at: bare,
                "the line has no certificate; run warrant classify with --certificates")
        }
        return entries.isEmpty ? nil : entries
    }

    /// A line; nil for a blank one.
    private func row(of line: LineReader.Line) throws -> CertifiedLine? {
        let row = try decoder.row(
            CertifiedLine.self, from: line, at: reader.location,
            like: #"{"id": "…", "certificate": {…}}"#)
        if row != nil, let key = repeatedKey(in: line.bytes) {
            throw DatasetError(
                .badData, at: reader.location,
                "the key \(quoted(key)) is given twice; warrant classify gives each once, and readers "
                    + "disagree on which of the two counts")
        }
        return row
    }
}
