import JSON

/// Spans of a text that a human marked, as tools for annotation write them.
struct MarkedSpans {
    /// One span.
    struct Span {
        let start: Int
        let end: Int
        /// What the human called it.
        var name: String?
        /// The words that stand there, where the data repeat them.
        var text: String?
    }

    let spans: [Span]
    /// What the numbers count, where the form says so.
    let unit: RationaleUnit?
    /// The field that held them.
    let field: String

    /// The name of all spans, where they have one and the same.
    var name: String? {
        let names = Set(spans.map(\.name))
        return names.count == 1 ? names.first ?? nil : nil
    }

    init(spans: [Span], unit: RationaleUnit?, field: String) {
        self.spans = spans
        self.unit = unit
        self.field = field
    }

    /// Reads `[[start, end], …]`; nil for any other form.
    init?(pairs elements: [JSONValue], field: String) {
        let spans = elements.compactMap { element -> Span? in
            guard let pair = element.array, pair.count == 2, let start = pair[0].integer,
                let end = pair[1].integer
            else { return nil }
            return Span(start: start, end: end)
        }
        guard spans.count == elements.count else { return nil }
        self.init(spans: spans, unit: nil, field: field)
    }

    /// Reads doccano's `[[start, end, name], …]`, which counts characters; nil for any other form.
    init?(triples elements: [JSONValue], field: String) {
        let spans = elements.compactMap { element -> Span? in
            guard let triple = element.array, triple.count == 3, let start = triple[0].integer,
                let end = triple[1].integer, let name = triple[2].string
            else { return nil }
            return Span(start: start, end: end, name: name)
        }
        guard !spans.isEmpty, spans.count == elements.count else { return nil }
        self.init(spans: spans, unit: .characters, field: field)
    }

    /// Reads objects with `start` and `end`, or doccano's `start_offset` and `end_offset`, which count
    /// characters; nil for any other form.
    init?(entities elements: [JSONValue], field: String) {
        let spans = elements.compactMap { Span(entity: $0) }
        guard !spans.isEmpty, spans.count == elements.count else { return nil }
        self.init(spans: spans, unit: .characters, field: field)
    }
}

extension MarkedSpans.Span {
    /// Reads an object with a start and an end, and a name and a text in the words of doccano, Label
    /// Studio or `transformers`.
    init?(entity: JSONValue) {
        guard let start = (entity["start_offset"] ?? entity["start"])?.integer,
            let end = (entity["end_offset"] ?? entity["end"])?.integer
        else { return nil }
        self.init(
            start: start, end: end,
            name: (entity["label"] ?? entity["labels"]?.array?.first ?? entity["entity_group"]
                ?? entity["entity"])?.string,
            text: (entity["text"] ?? entity["word"])?.string)
    }
}

/// A task of a Label Studio export: its texts under `data`, and what a human made of them.
///
/// Where several people annotated a task, the first one counts whose annotation was not cancelled.
struct LabelStudioTask {
    /// The fields of `data`.
    let data: JSONFields
    /// The spans that were marked, in UTF-16 code units as JavaScript counts them.
    let spans: MarkedSpans?
    /// The classes that were chosen.
    let choices: [String]

    /// Reads a row; nil where it is no task.
    ///
    /// - Throws: ``JSONRowProblem``.
    init?(_ row: JSONFields) throws(JSONRowProblem) {
        guard let data = row["data"], data.kind == .object else { return nil }
        let annotations = try row["annotations"]?.value().array ?? []
        self.data = try data.fields()
        let annotation = annotations.first { $0["was_cancelled"] != .boolean(true) }
        var spans: [MarkedSpans.Span] = []
        var choices: [String] = []
        for result in annotation?["result"]?.array ?? [] {
            guard let value = result["value"] else { continue }
            if let span = MarkedSpans.Span(entity: value) { spans.append(span) }
            choices += (value["choices"]?.array ?? []).compactMap(\.string)
        }
        self.choices = choices
        self.spans =
            spans.isEmpty ? nil : MarkedSpans(spans: spans, unit: .utf16, field: "annotations")
    }
}
