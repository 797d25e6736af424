import Classifiers
import Datasets
import JSON

/// What rows say, as digests: the same digest, the same rows, wherever they were read.
package struct RowDigests: Sendable, Equatable {
    /// The classes.
    package let labels: [String]
    /// Texts, queries and labels of each set.
    package let texts: Splits<String>
    /// The words that humans marked in each set.
    package let rationales: Splits<String>
    /// Whether there is a test set.
    package let hasTest: Bool

    package static func == (first: RowDigests, second: RowDigests) -> Bool {
        first.json.write() == second.json.write()
            && first.rationales.all == second.rationales.all
    }

    /// - Parameter markedOnly: only rows in which a human marked a rationale take part.
    /// - Complexity: O(bytes of the rows).
    package init(_ data: TrainingData, markedOnly: Bool) {
        let rows = Splits(train: data.train, dev: data.dev, test: data.test).map { rows in
            markedOnly ? rows.filter { $0.rationale != nil } : rows
        }
        labels = data.labels
        texts = rows.map { Self.digest($0, Self.text) }
        rationales = rows.map { Self.digest($0, Self.rationale) }
        hasTest = !data.test.isEmpty
    }

    /// Digests are equal if and only if models are trained and measured alike.
    package var json: JSONText {
        [
            "labels": .array(labels.map { .string($0) }), "train": .string(texts.train),
            "dev": .string(texts.dev), "test": .string(texts.test),
        ]
    }

    private static func text(_ row: Example) -> JSONText {
        .array([
            .string(row.text), row.query.map { .string($0) } ?? .null,
            row.label.map { .string($0) } ?? .null,
        ])
    }

    private static func rationale(_ row: Example) -> JSONText {
        func json(_ ranges: [Range<Int>]) -> JSONText {
            .array(ranges.map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) })
        }
        guard let rationale = row.rationale else { return .null }
        // Marks that were not given in words decide with the words of another rule.
        guard let marks = row.marks else { return json(rationale) }
        return ["words": json(rationale), "marks": json(marks)]
    }

    /// The digest of rows that are only measured.
    package static func digest(measured rows: [Example]) -> String { digest(rows, text) }

    private static func digest(_ rows: [Example], _ json: (Example) -> JSONText) -> String {
        var bytes: [UInt8] = []
        for row in rows {
            json(row).append(to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        return FileDigests.sha256(bytes)
    }
}
