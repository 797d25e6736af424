import JSON
import Warrant

/// An answer as annotation tools take it: named spans of a text, and the text's class.
struct Annotation {
    /// A run of selected words.
    struct Span {
        let text: String
        let start: Int
        let end: Int
        let name: String
        let score: Float
    }

    let row: NumberedRow
    let spans: [Span]
    /// The predicted class with its probability; nil where nothing was predicted.
    let label: (name: String, probability: Float)?

    /// The spans of a rationale.
    ///
    /// - Parameter score: a number for a snippet, the larger the surer.
    init(
        _ row: NumberedRow, _ rationale: Rationale, unit: OffsetUnit, name: String,
        label: (name: String, probability: Float)? = nil, score: (Rationale.Snippet) -> Float
    ) {
        self.row = row
        self.label = label
        spans = rationale.snippets.map { snippet in
            let range = snippet.range(in: unit)
            return Span(
                text: snippet.text, start: range.lowerBound, end: range.upperBound, name: name,
                score: score(snippet))
        }
    }

    /// A text without an answer.
    init(unanswered row: NumberedRow) {
        self.row = row
        spans = []
        label = nil
    }

    /// A row of doccano's JSONL for sequence labeling.
    var doccano: JSONText {
        var members: [(key: String, value: JSONText)] = [
            ("id", .string(row.id)), ("text", .string(row.example.text)),
        ]
        if let query = row.example.query { members.append(("query", .string(query))) }
        let spans = spans.map { span -> JSONText in
            [.integer(span.start), .integer(span.end), .string(span.name)]
        }
        members.append(("label", .array(spans)))
        return .object(members)
    }

    /// What the token-classification pipeline of `transformers` returns of a text.
    var entities: JSONText {
        .array(
            spans.map {
                [
                    "entity_group": .string($0.name), "score": .float($0.score),
                    "word": .string($0.text), "start": .integer($0.start), "end": .integer($0.end),
                ]
            })
    }

    /// A pre-annotated task of Label Studio; without predictions where there is no answer.
    var task: JSONText {
        var data: [(key: String, value: JSONText)] = [
            ("id", .string(row.id)), ("text", .string(row.example.text)),
        ]
        if let query = row.example.query { data.append(("query", .string(query))) }
        var results: [JSONText] = spans.enumerated().map { number, span in
            [
                "id": .string("span\(number + 1)"), "from_name": "rationale", "to_name": "text",
                "type": "labels", "score": .float(span.score),
                "value": [
                    "start": .integer(span.start), "end": .integer(span.end),
                    "text": .string(span.text), "labels": [.string(span.name)],
                ],
            ]
        }
        if let label {
            results.append([
                "id": "label", "from_name": "label", "to_name": "text", "type": "choices",
                "score": .float(label.probability), "value": ["choices": [.string(label.name)]],
            ])
        }
        var prediction: [(key: String, value: JSONText)] = [
            ("model_version", .string("warrant \(warrantVersion)"))
        ]
        if let label { prediction.append(("score", .float(label.probability))) }
        prediction.append(("result", .array(results)))
        let predictions: JSONText = results.isEmpty ? [] : [.object(prediction)]
        return ["data": .object(data), "predictions": predictions]
    }
}

/// Writes annotations in one of the forms that annotation tools take.
///
/// A class, for a place in an array is one place.
final class AnnotationWriter {
    private let format: AnswerFormat
    private var isEmpty = true

    /// - Parameter format: any but `jsonl`, which has more than annotations to write.
    init(_ format: AnswerFormat) { self.format = format }

    /// Writes an annotation.
    func write(_ annotation: Annotation, to output: ByteOutput) throws {
        switch format {
        case .jsonl, .doccano: try output.append(line: annotation.doccano)
        case .hfEntities: try output.append(line: annotation.entities)
        case .labelStudio:
            try output.append((isEmpty ? "[\n" : ",\n").utf8)
            var bytes: [UInt8] = []
            annotation.task.append(to: &bytes)
            try output.append(bytes)
        }
        isEmpty = false
    }

    /// Writes what ends the form, after the last annotation.
    func finish(_ output: ByteOutput) throws {
        guard format == .labelStudio else { return }
        try output.append((isEmpty ? "[]\n" : "\n]\n").utf8)
    }
}

extension Rationale.Snippet {
    /// Where the snippet stands in its text.
    func range(in unit: OffsetUnit) -> Range<Int> {
        switch unit {
        case .bytes: utf8Range
        case .characters: scalarRange
        case .utf16: utf16Range
        }
    }
}
