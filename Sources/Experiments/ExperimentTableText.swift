import Errors

extension ExperimentTable {
    /// Whether a set has no documents of a class.
    private var hasCoverage: Bool { rows.contains { $0.coverage != nil } }

    /// The table in Markdown: means, with the range over the seeds where there are several.
    public var markdown: String {
        let head =
            ["data", "scorer", "thresholder", "reads", "set", "documents", "seeds", "macro-F1"]
            + ["accuracy", "words read", "to random"] + plausibilityNames.map(Self.title)
        var lines = [head, head.indices.map { $0 < 5 ? "---" : "---:" }]
        lines += rows.map { row in
            [
                row.data.plainMarkdown, row.scorer?.plainMarkdown ?? "–",
                row.thresholder?.description ?? "–", row.variant.title, row.set, "\(row.documents)",
                "\(row.seeds)", row.macroF1.text + (row.coverage.map { "; \($0)" } ?? ""),
                row.accuracy.text, figure(row.rationaleShare), row.difference?.text ?? "–",
            ]
                + plausibilityNames.indices.map { index in
                    row.plausibility?[index].map(figure) ?? "–"
                }
        }
        return lines.map { cells in
            "| " + cells.joined(separator: " | ") + " |\n"
        }.joined()
    }

    /// The table as CSV (RFC 4180, with line feeds): a column for each figure, empty where there is
    /// none.
    public var csv: String {
        var head =
            [
                "data", "scorer", "thresholder", "variant", "set", "documents", "seeds",
                "macro_f1", "macro_f1_low", "macro_f1_high", "accuracy", "accuracy_low",
                "accuracy_high", "rationale_share", "to_random", "to_random_low",
                "to_random_high",
            ] + plausibilityNames
        if hasCoverage { head.append("classes_with_documents") }
        let lines = rows.map { row in
            var cells = [
                Self.csvName(row.data), row.scorer.map(Self.csvName) ?? "",
                row.thresholder?.description ?? "", row.variant.name, row.set, "\(row.documents)",
                "\(row.seeds)",
            ]
            cells += [row.macroF1, row.accuracy].flatMap {
                [$0.mean, $0.range.lowerBound, $0.range.upperBound].map(figure)
            }
            cells += [
                row.rationaleShare, row.difference?.mean, row.difference?.interval?.lowerBound,
                row.difference?.interval?.upperBound,
            ].map { $0.map(figure) ?? "" }
            cells += plausibilityNames.indices.map { index in
                row.plausibility?[index].map(figure) ?? ""
            }
            if hasCoverage { cells.append(row.coverage ?? "") }
            return cells
        }
        return ([head] + lines).map { cells in
            cells.map(Self.csvCell).joined(separator: ",") + "\n"
        }.joined()
    }

    private static func title(_ name: String) -> String {
        switch name {
        case "token_precision": "token P"
        case "token_recall": "token R"
        case "token_f1": "token F1"
        case "iou_f1": "IOU F1"
        case "auprc": "AUPRC"
        default: name
        }
    }

    /// A name from a file as a cell. What spreadsheets would run as a formula begins with an apostrophe
    /// (OWASP, *CSV Injection*), and control characters are shown and not passed on.
    private static func csvName(_ name: String) -> String {
        let isFormula = name.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) }
        return (isFormula == true ? "'" : "") + name.visible
    }

    private static func csvCell(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { !",\"\r\n".unicodeScalars.contains($0) }
        guard !isPlain else { return text }
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        return "\"" + parts.joined(separator: "\"\"") + "\""
    }
}

private func figure(_ value: Double) -> String { decimalText(value, places: 3) }

extension ExperimentTable.Summary {
    /// `0.812 (0.801–0.823)`, or the mean alone where all runs agree on it.
    fileprivate var text: String {
        let (low, high) = (figure(range.lowerBound), figure(range.upperBound))
        return low == high ? figure(mean) : "\(figure(mean)) (\(low)–\(high))"
    }
}

extension ExperimentTable.Difference {
    /// `+0.021 [0.008, 0.034]`.
    fileprivate var text: String {
        let sign = mean >= 0.0005 ? "+" : ""
        let bounds = interval.map { " [\(figure($0.lowerBound)), \(figure($0.upperBound))]" }
        return sign + figure(mean) + (bounds ?? "")
    }
}
