import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads JSON lines: an object a line, blank lines between them left out.
final class JSONLinesReader: ExampleSource {
    private let lines: LineReader
    private let fields: RowFields
    private let decoder = JSONDecoder()

    /// - Throws: ``DatasetError`` of kind `wrongUsage` when a field is given by number.
    init(lines: LineReader, options: DatasetOptions) throws(DatasetError) {
        self.lines = lines
        fields = try RowFields(options: options, file: lines.name)
    }

    func next() throws(DatasetError) -> Example? {
        while let line = try lines.next() {
            let decoded = try decoder.row(
                from: line, at: lines.location, like: #"{"text": "…"}"#,
                remedy: "check the file and --format"
            ) { data in
                try decoder.decode(Row.self, from: data, configuration: fields)
            }
            guard let row = decoded else { continue }
            var rationale: [Range<Int>]?
            if let ranges = row.rationale {
                let marked = try normalisedRationale(
                    ranges, wordCount: wordRanges(in: row.text).count, location: lines.location)
                // As in ERASER's rows: nothing marked is no rationale.
                rationale = marked.isEmpty ? nil : marked
            }
            return Example(
                id: row.id, text: row.text, query: row.query, label: row.label,
                rationale: rationale, location: lines.location)
        }
        return nil
    }
}

/// The names of the fields to read, in the order in which they are tried.
private struct RowFields: Sendable {
    var text = DatasetOptions.textColumns
    var label = DatasetOptions.labelColumns
    var query = DatasetOptions.queryColumns
    var id = DatasetOptions.idColumns

    init(options: DatasetOptions, file: String) throws(DatasetError) {
        text = try Self.names(options.textColumn, else: text, "text", file)
        label = try Self.names(options.labelColumn, else: label, "label", file)
        query = try Self.names(options.queryColumn, else: query, "query", file)
        id = try Self.names(options.idColumn, else: id, "id", file)
        guard Set(text).isDisjoint(with: label), Set(text).isDisjoint(with: query) else {
            throw DatasetError(
                .wrongUsage, at: SourceLocation(file: file),
                "the text is also the label or the query; "
                    + "check --text-column, --label-column and --query-column")
        }
    }

    private static func names(
        _ column: ColumnName?, else defaults: [String], _ role: String, _ file: String
    ) throws(DatasetError) -> [String] {
        switch column {
        case nil: return defaults
        case .name(let name): return [name]
        case .number(let number):
            throw DatasetError(
                .wrongUsage, at: SourceLocation(file: file),
                "JSON fields have names, not numbers such as \(number); "
                    + "give --\(role)-column a name, or --format csv or tsv")
        }
    }
}

/// One object.
private struct Row: DecodableWithConfiguration {
    let id: String?
    let text: String
    let query: String?
    let label: String?
    let rationale: [(start: Int, end: Int)]?

    init(from decoder: any Decoder, configuration fields: RowFields) throws {
        let object = try decoder.container(keyedBy: JSONFieldName.self)
        guard let name = fields.text.first(where: { object.contains(JSONFieldName($0)) }) else {
            let found = object.allKeys.map(\.stringValue).sorted().prefix(20)
            let listing =
                found.isEmpty
                ? "none" : found.map { DatasetError.quote($0) }.joined(separator: ", ")
            throw JSONRowProblem(
                message: "there is no field \(fields.text.joined(separator: ", ")); "
                    + "the fields are \(listing): name the text's field with --text-column")
        }
        text = try object.decode(String.self, forKey: JSONFieldName(name))
        query = try Self.first(of: fields.query, in: object) { key in
            try object.decode(String.self, forKey: key)
        }
        id = try Self.scalar(of: fields.id, in: object, orBoolean: false)
        label = try Self.scalar(of: fields.label, in: object, orBoolean: true)
        rationale = try Self.first(of: ["rationale"], in: object) { key in
            try object.decode([[Double]].self, forKey: key)
        }?.map { pair in
            guard pair.count == 2, let start = Int(exactly: pair[0]),
                let end = Int(exactly: pair[1])
            else {
                throw JSONRowProblem(
                    message: "the field \"rationale\" holds \(pair.prefix(4)); expected pairs of "
                        + "whole numbers, [first word, word after the last]: correct it")
            }
            return (start, end)
        }
    }

    /// Reads the first of the fields that is there and not null.
    private static func first<Value>(
        of names: [String], in object: KeyedDecodingContainer<JSONFieldName>,
        read: (JSONFieldName) throws -> Value
    ) throws -> Value? {
        for name in names {
            let key = JSONFieldName(name)
            if object.contains(key), try !object.decodeNil(forKey: key) { return try read(key) }
        }
        return nil
    }

    /// A string, a whole number or a boolean, as a string.
    private static func scalar(
        of names: [String], in object: KeyedDecodingContainer<JSONFieldName>, orBoolean: Bool
    ) throws -> String? {
        try first(of: names, in: object) { key in
            if let text = try? object.decode(String.self, forKey: key) { return text }
            if let number = try? object.decode(Int.self, forKey: key) { return "\(number)" }
            if orBoolean, let flag = try? object.decode(Bool.self, forKey: key) {
                return "\(flag)"
            }
            throw JSONRowProblem(
                message: "the field \(DatasetError.quote(key.stringValue)) is not a string"
                    + (orBoolean ? ", a whole number or a boolean" : " or a whole number")
                    + ": correct it")
        }
    }
}
