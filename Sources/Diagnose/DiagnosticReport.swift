import AttentionModels
import Errors
import JSON
import Pictures

/// What is known of a subject where its findings are told.
package struct ReportContext: Sendable {
    /// The model, in a few words: `lstm, tanh attention, random embeddings, seed 0`.
    package var model: String
    /// What is known of it, for programs.
    package var modelFacts: [(key: String, value: JSONText)]
    /// The rows that were measured, by the name that people know them by.
    package var data: String
    /// The classes' names by index.
    package var labels: [String]

    /// A context.
    package init(
        model: String, modelFacts: [(key: String, value: JSONText)], data: String, labels: [String]
    ) {
        self.model = model
        self.modelFacts = modelFacts
        self.data = data
        self.labels = labels
    }
}

/// What a diagnostic's findings say, for programs and for people.
package struct DiagnosticReport: Sendable {
    /// What it is called: the diagnostic's name, the model and the data.
    package var title: String
    /// The members of `summary.json`.
    package var summary: [(key: String, value: JSONText)]
    /// The lines of `texts.jsonl`, one for each text.
    package var texts: [JSONText]
    /// What it means, in plain sentences; the first stands alone.
    package var sentences: [String]
    /// The figures.
    package var tables: [ReportTable]
    /// The picture.
    package var picture: Picture
    /// The figures that a table of several models has, by name; nil where a figure is undefined.
    package var headline: [(name: String, value: Double?)] = []

    /// The summary as one JSON object.
    package var json: JSONText { .object(summary) }

    /// The report for people: `summary.md`, and the terminal.
    package var markdown: String {
        let tables = tables.map { "\($0.title.plainMarkdown):\n\n\($0.markdown)" }
        return ([title.plainMarkdown] + [sentences.joined(separator: " ").plainMarkdown] + tables)
            .joined(separator: "\n\n") + "\n"
    }

    /// The figures for spreadsheets.
    package var csv: String { tables.csv }
}

extension [ReportTable] {
    /// The tables for spreadsheets (RFC 4180, with line feeds): one after the other, each with its title
    /// as the first column, and all rows as long as the longest.
    package var csv: String {
        let width = map { $0.header.count + 1 }.max() ?? 0
        return map { $0.csv(width: width) }.joined()
    }
}

/// A table of figures.
package struct ReportTable: Sendable {
    /// What it shows.
    package var title: String
    /// The columns' names.
    package var header: [String]
    /// The cells.
    package var rows: [[String]]

    /// A table.
    package init(_ title: String, _ header: [String], _ rows: [[String]]) {
        self.title = title
        self.header = header
        self.rows = rows
    }

    /// The table in Markdown, its columns aligned for a terminal.
    package var markdown: String {
        let cells = ([header] + rows).map { $0.map(\.plainMarkdown) }
        let widths = header.indices.map { column in
            cells.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        func line(_ row: [String]) -> String {
            let padded = zip(row, widths).enumerated().map { column, cell in
                let fill = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + fill : fill + cell.0
            }
            return "| " + padded.joined(separator: " | ") + " |"
        }
        let rule =
            "|"
            + widths.enumerated().map { column, width in
                column == 0
                    ? String(repeating: "-", count: width + 2)
                    : String(repeating: "-", count: width + 1) + ":"
            }.joined(separator: "|") + "|"
        return ([line(cells[0]), rule] + cells.dropFirst().map(line)).joined(separator: "\n")
    }

    /// The table with commas (RFC 4180, with line feeds). Control characters are shown.
    ///
    /// - Parameter width: how many fields a row has at least; empty ones follow.
    fileprivate func csv(width: Int) -> String {
        func field(_ text: String) -> String {
            let text = text.visible
            guard text.unicodeScalars.contains(where: { $0 == "," || $0 == "\"" }) else {
                return text
            }
            let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
            return "\"" + parts.joined(separator: "\"\"") + "\""
        }
        return ([["table"] + header] + rows.map { [title] + $0 }).map { row in
            (row.map(field) + Array(repeating: "", count: max(0, width - row.count)))
                .joined(separator: ",") + "\n"
        }.joined()
    }
}

extension ReportContext {
    /// The class whose F1 is reported, as tables and sentences name it.
    var positive: String { labels.count > 1 ? "\"\(labels[1])\"" : "class 1" }

    /// A report's title.
    func title(_ name: String) -> String {
        let parts = [name, model, data].filter { !$0.isEmpty }
        return parts[0] + (parts.count > 1 ? ": " + parts.dropFirst().joined(separator: "; ") : "")
    }

    /// The first members of a summary.
    ///
    /// - Parameters:
    ///   - scores: of the texts that are measured; nil without a model.
    ///   - epoch: at whose end the model is.
    func summary(
        _ name: String, _ scores: AttentionScores? = nil, epoch: Int? = nil
    ) -> [(key: String, value: JSONText)] {
        var members: [(key: String, value: JSONText)] = [("diagnostic", .string(name))]
        if !modelFacts.isEmpty {
            members.append(
                ("model", .object(modelFacts + (epoch.map { [("epoch", .integer($0))] } ?? []))))
            members.append(("data", .string(data)))
            members.append(("labels", .array(labels.map { .string($0) })))
        }
        if let scores { members.append(("test", scores.json)) }
        return members
    }
}

extension AttentionScores {
    /// The members of a score in summaries.
    var json: JSONText {
        [
            "n": .integer(count), "f1_positive": .double(positiveF1),
            "macro_f1": .double(macroF1), "accuracy": .double(accuracy),
            "roc_auc": JSONText(rocAUC),
        ]
    }
}
