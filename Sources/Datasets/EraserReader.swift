import JSON

extension DatasetFormat {
    /// A split of an ERASER dataset: `train.jsonl` and the like beside a folder `docs` or a file
    /// `docs.jsonl`.
    public static let eraser = DatasetFormat("eraser", folder: "an ERASER dataset is") {
        input throws(DatasetError) in
        EraserReader(
            lines: try input.lines(),
            documents: try EraserDocuments(
                path: input.origin.documents, maximumBytes: input.options.maximumRowBytes))
    }
}

/// Reads a split of an ERASER dataset: rows of annotations beside a folder of documents.
///
/// A row's text is its document; several documents are joined by a line feed, and their evidence
/// moves with them. Evidence counts ERASER's tokens, and is read as the words that these hold.
///
/// Source: DeYoung et al., *ERASER: A Benchmark to Evaluate Rationalized NLP Models*, ACL 2020.
package final class EraserReader: ExampleSource {
    private let rows: JSONRows
    private let documents: EraserDocuments
    /// How many rows have evidence.
    private var markedRows = 0

    /// What rows are like, for errors.
    package static let exampleRow =
        #"{"annotation_id": "…", "evidences": […], "classification": "…"}"#

    package init(lines: LineReader, documents: EraserDocuments) {
        rows = JSONRows(lines: lines)
        self.documents = documents
    }

    package var mustWait: Bool { rows.mustWait }
    package var canContinue: Bool { rows.canContinue }

    package var notices: [String] {
        guard markedRows > 0 else { return [] }
        let count = markedRows == 1 ? "1 row" : "\(markedRows) rows"
        return [
            "\(rows.location.file): human rationales are read as tokens of ERASER's evidence in \(count)"
        ]
    }

    package func next() throws(DatasetError) -> Example? {
        try rows.next { bytes throws(DatasetError) in
            let row: Annotation
            do throws(JSONRowProblem) { row = try Annotation(JSONFields(bytes)) } catch {
                throw DatasetError(.badData, at: rows.location, error.message)
            }
            return try example(of: row)
        }
    }

    private func example(of row: Annotation) throws(DatasetError) -> Example {
        let names = try documentNames(of: row)
        let marked = Dictionary(grouping: row.evidences, by: \.docid)
        var text = ""
        var wordCount = 0
        var spans: [Range<Int>] = []
        var parts: [Example.Part] = []
        for (position, name) in names.enumerated() {
            let document = try documents.document(name, at: rows.location)
            guard text.utf8.count + document.text.utf8.count < documents.maximumBytes else {
                throw DatasetError(
                    .badData, at: rows.location,
                    "the row's documents have more than \(documents.maximumBytes) bytes together: "
                        + "leave some out")
            }
            text += (position == 0 ? "" : "\n") + document.text
            for evidence in marked[name] ?? [] {
                // Checked against its own document, lest it reach into the next one.
                let (start, end) = (evidence.start, evidence.end)
                let places = 0...document.tokenCount
                let isInside = places.contains(start) && places.contains(end)
                guard isInside, start <= end else {
                    let problem =
                        isInside
                        ? "inverted"
                        : "outside docs/\(name), which has \(document.tokenCount) tokens"
                    throw DatasetError(
                        .badData, at: rows.location,
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
            id: row.id, text: text, query: row.query, label: row.classification,
            rationale: rationale.isEmpty ? nil : rationale, location: rows.location)
        example.parts = parts
        return example
    }

    /// The row's documents: those it lists, then those its evidence names, else the one that its
    /// id names, alone or before `:` and the numbers of a question and an answer.
    private func documentNames(
        of row: Annotation
    ) throws(DatasetError) -> [String] {
        var seen: Set<String> = []
        let names = (row.docids + row.evidences.map(\.docid)).filter {
            seen.insert($0).inserted
        }
        if !names.isEmpty { return names }

        var name = row.id[...]
        for _ in 0...2 {
            if try documents.contains(String(name), at: rows.location) { return [String(name)] }
            guard let colon = name.lastIndex(of: ":") else { break }
            name = name[..<colon]
        }
        throw DatasetError(
            .missingInput, at: rows.location,
            "the row names no document and there is none for its annotation_id "
                + "\(DatasetError.quote(row.id)) in \(documents.path): "
                + "add docids to the row, or the document")
    }
}

/// A row of an ERASER split.
private struct Annotation {
    let id: String
    let classification: String?
    let query: String?
    let docids: [String]
    /// The evidence of all groups.
    let evidences: [Evidence]

    /// A span of tokens that a human marked.
    struct Evidence {
        package let docid: String
        package let start: Int
        package let end: Int
    }

    init(_ row: JSONFields) throws(JSONRowProblem) {
        guard let id = try RowText.id(row["annotation_id"]) else {
            throw JSONRowProblem(
                message:
                    "there is no field \"annotation_id\"; expected it in every row: add it, or give "
                    + "--format if these are no rows of ERASER")
        }
        self.id = id
        classification = try row["classification"].map(RowLabel.label) ?? nil
        query = try RowText.query(row["query"])
        docids = try Self.elements(of: row["docids"]).map { element throws(JSONRowProblem) in
            guard let docid = element.string else {
                throw JSONRowProblem(
                    message: "the field \"docids\" is not a list of strings: correct it")
            }
            return docid
        }
        var evidences: [Evidence] = []
        for (group, spans) in try Self.elements(of: row["evidences"]).enumerated() {
            guard let spans = spans.array else {
                throw JSONRowProblem(
                    message: "the field \"evidences.\(group)\" is not an array: correct it")
            }
            for (index, span) in spans.enumerated() {
                evidences.append(try Evidence(span, place: "evidences.\(group).\(index)"))
            }
        }
        self.evidences = evidences
    }

    private static func elements(of field: JSONField?) throws(JSONRowProblem) -> [JSONValue] {
        guard let field else { return [] }
        guard let elements = try field.value().array else {
            throw field.problem("is not an array: correct it")
        }
        return elements
    }
}

extension Annotation.Evidence {
    /// - Parameter place: where the span stands in its row, for errors.
    fileprivate init(_ span: JSONValue, place: String) throws(JSONRowProblem) {
        func value<Value>(
            _ name: String, _ expected: String, _ value: (JSONValue) -> Value?
        ) throws(JSONRowProblem) -> Value {
            guard let found = span[name] else {
                throw JSONRowProblem(
                    message:
                        "there is no field \"\(place).\(name)\"; expected it in every row: add it")
            }
            guard let value = value(found) else {
                throw JSONRowProblem(
                    message: "the field \"\(place).\(name)\" is not \(expected): correct it")
            }
            return value
        }
        docid = try value("docid", "a string", \.string)
        start = try value("start_token", "a whole number", \.integer)
        end = try value("end_token", "a whole number", \.integer)
    }
}
