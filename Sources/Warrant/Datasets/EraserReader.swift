#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads a split of an ERASER dataset: rows of annotations beside a folder of documents.
///
/// A row's text is its document; several documents are joined by a line feed, and their evidence
/// moves with them. Evidence counts ERASER's tokens, and is read as the words that these hold.
///
/// Source: DeYoung et al., *ERASER: A Benchmark to Evaluate Rationalized NLP Models*, ACL 2020.
final class EraserReader: ExampleSource {
    private let lines: LineReader
    private let documents: EraserDocuments
    private let decoder = JSONDecoder()
    /// How many rows have evidence.
    private var markedRows = 0

    /// What rows are like, for errors.
    static let exampleRow = #"{"annotation_id": "…", "evidences": […], "classification": "…"}"#

    init(lines: LineReader, documents: EraserDocuments) {
        self.lines = lines
        self.documents = documents
    }

    var mustWait: Bool { lines.mustWait }
    var canContinue: Bool { !lines.hasFailed }

    var notices: [String] {
        guard markedRows > 0 else { return [] }
        let rows = markedRows == 1 ? "1 row" : "\(markedRows) rows"
        return [
            "\(lines.name): human rationales are read as tokens of ERASER's evidence in \(rows)"
        ]
    }

    func next() throws(DatasetError) -> Example? {
        while let line = try lines.next() {
            if let row = try decoder.row(
                Annotation.self, from: line, at: lines.location, like: Self.exampleRow)
            {
                return try example(of: row)
            }
        }
        return nil
    }

    private func example(of row: Annotation) throws(DatasetError) -> Example {
        let evidences = (row.evidences ?? []).flatMap { $0 }
        let names = try documentNames(of: row, evidences: evidences)
        let marked = Dictionary(grouping: evidences, by: \.docid)
        var text = ""
        var wordCount = 0
        var spans: [Range<Int>] = []
        var parts: [Example.Part] = []
        for (position, name) in names.enumerated() {
            let document = try documents.document(name, at: lines.location)
            guard text.utf8.count + document.text.utf8.count < documents.maximumBytes else {
                throw DatasetError(
                    .badData, at: lines.location,
                    "the row's documents have more than \(documents.maximumBytes) bytes together: "
                        + "leave some out")
            }
            text += (position == 0 ? "" : "\n") + document.text
            for evidence in marked[name] ?? [] {
                // Checked against its own document, lest it reach into the next one.
                let (start, end) = (evidence.start_token, evidence.end_token)
                let places = 0...document.tokenCount
                let isInside = places.contains(start) && places.contains(end)
                guard isInside, start <= end else {
                    let problem =
                        isInside
                        ? "inverted"
                        : "outside docs/\(name), which has \(document.tokenCount) tokens"
                    throw DatasetError(
                        .badData, at: lines.location,
                        "evidence from token \(start) to \(end) is \(problem): check start_token "
                            + "and end_token")
                }
                guard start < end else { continue }
                let words = document.words(of: start..<end)
                spans.append(wordCount + words.lowerBound..<wordCount + words.upperBound)
            }
            wordCount += document.wordCount
            parts.append(
                Example.Part(name: name, words: document.wordCount, tokens: document.tokens))
        }
        let rationale = mergedRanges(spans)
        markedRows += rationale.isEmpty ? 0 : 1
        var example = Example(
            id: row.annotation_id, text: text, query: row.query, label: row.classification,
            rationale: rationale.isEmpty ? nil : rationale, location: lines.location)
        example.parts = parts
        return example
    }

    /// The row's documents: those it lists, then those its evidence names, else the one that its
    /// id names, alone or before `:` and the numbers of a question and an answer.
    private func documentNames(
        of row: Annotation, evidences: [Evidence]
    ) throws(DatasetError) -> [String] {
        var seen: Set<String> = []
        let names = ((row.docids ?? []) + evidences.map(\.docid)).filter {
            seen.insert($0).inserted
        }
        if !names.isEmpty { return names }

        var name = row.annotation_id[...]
        for _ in 0...2 {
            if try documents.contains(String(name), at: lines.location) { return [String(name)] }
            guard let colon = name.lastIndex(of: ":") else { break }
            name = name[..<colon]
        }
        throw DatasetError(
            .missingInput, at: lines.location,
            "the row names no document and there is none for its annotation_id "
                + "\(DatasetError.quote(row.annotation_id)) in \(documents.path): "
                + "add docids to the row, or the document")
    }
}

/// A row, in ERASER's own field names.
private struct Annotation: Decodable {
    let annotation_id: String
    let classification: String?
    let query: String?
    let docids: [String]?
    let evidences: [[Evidence]]?
}

/// A span of words that a human marked.
private struct Evidence: Decodable {
    let docid: String
    let start_token: Int
    let end_token: Int
}
