import JSON
import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A line of `warrant classify --certificates`, as it was found.
struct CertifiedLine: Sendable {
    /// A run of selected words.
    struct Snippet: Decodable, Sendable {
        let text: String
        let start: Int
        let end: Int
        let words: [Int]
        /// Places in other units than bytes, where they were asked for.
        let characters: [Int]?
        let utf16: [Int]?
    }

    /// The members that are compared.
    private struct Members: Decodable {
        let id: String
        let label: String?
        let probabilities: [String: Float]?
        let rationale: [Snippet]?
        let classifier_input: String?
        let certificate: Certificate?
        let error: String?
    }

    let id: String
    /// Nil for a document without a prediction.
    let label: String?
    let probabilities: [String: Float]?
    let rationale: [Snippet]?
    let input: String?
    let certificate: Certificate?
    /// The whole line, for its signature.
    let json: JSONValue

    /// Whether the line gives the reason why nothing could be predicted of a document, and nothing
    /// else: an answer whose certificate was taken away must not pass for such a line.
    let isWithoutPrediction: Bool

    /// The members of the line that no check reads, such as `note` or `rationale.color`, in order.
    let unverified: [String]

    /// Members that can be checked with the text at hand only.
    static let needingSource: Set = ["rationale.characters", "rationale.utf16"]

    /// Reads a line.
    ///
    /// - Throws: `DecodingError` for a member of the wrong type.
    init(_ json: JSONValue) throws {
        self.json = json
        let members: Members = try json.decoded()
        id = members.id
        label = members.label
        probabilities = members.probabilities
        rationale = members.rationale
        input = members.classifier_input
        certificate = members.certificate
        let keys = (json.object ?? [:]).keys
        isWithoutPrediction =
            members.label == nil && (members.rationale ?? []).isEmpty && members.error != nil
            && members.certificate == nil
            && keys.allSatisfy {
                ["id", "label", "rationale", "error", AnswerSignature.key].contains($0)
            }
        unverified = isWithoutPrediction ? [] : Self.unverified(in: json, members.certificate)
    }

    private static func unverified(in line: JSONValue, _ certificate: Certificate?) -> [String] {
        func unknown(_ value: JSONValue?, _ known: Set<String>, _ prefix: String = "") -> [String] {
            (value?.object ?? [:]).keys.filter { !known.contains($0) }.map { prefix + $0 }
        }
        var known: Set = [
            "version", "classifier_sha256", "engine", "words", "query", "logits", "label",
        ]
        if certificate?.version ?? 1 > 1 { known.insert("precision") }
        if certificate?.reading != nil { known.insert("reading") }
        let snippets = (line["rationale"]?.array ?? []).flatMap {
            unknown($0, ["text", "start", "end", "words"], "rationale.")
        }
        let found =
            unknown(
                line,
                [
                    "id", "label", "probabilities", "rationale", "classifier_input", "certificate",
                    AnswerSignature.key,
                ])
            + unknown(line["certificate"], known, "certificate.")
            + unknown(
                line["certificate"]?["reading"], ["maximum_length", "stride", "layout"],
                "certificate.reading.") + snippets
        return Set(found).sorted()
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
    private var hasCertificates = false
    private var failure: (any Error)?

    init(_ reader: LineReader) { self.reader = reader }

    /// The next lines, at most `count` and about `bytes`; nil after the last. Lines before one that
    /// cannot be read are handed out first; the error follows with the next call.
    ///
    /// - Throws: `DatasetError` for a line that is no JSON or gives a key twice, and for answers that
    ///   were made without certificates: where one is missing and none was there so far.
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
        let location = reader.location
        return try line.object(at: location, like: #"{"id": "…", "certificate": {…}}"#) {
            try CertifiedLine($0)
        }
    }
}
