import Datasets
import Models
import Tokenization

/// The rows of a run, checked: labels are known, texts have words.
public struct TrainingData: Sendable {
    /// How many classes there may be: what grows with their square, such as a confusion matrix, stays
    /// small.
    package static let mostClasses = ModelManifest.mostLabels

    /// The classes by name, in the order of ``LabelOrder``.
    public let labels: [String]
    /// Rows to learn from.
    public let train: [Example]
    /// Rows that decide which epoch is best.
    public let dev: [Example]
    /// Rows that are only measured.
    public let test: [Example]
    /// Whether rows have a query.
    public let usesQuery: Bool
    /// How many rows of `dev` were taken out of the training rows, because none were given.
    public let heldOut: Int
    /// Rows that were left out because their text has no words.
    public let emptyRows: [SourceLocation]

    /// Checks the rows and, where `dev` is nil, holds out about a tenth of the training rows of each
    /// class, drawn by the seed. Rows of the same text, which ask several queries of it, stay
    /// together: or development would be measured on texts that were trained on.
    ///
    /// - Throws: `DatasetError` naming the row: fewer than two classes, a label unseen in training,
    ///   a query in some rows only, or too few texts to hold some out.
    public init(train: [Example], dev: [Example]?, test: [Example], seed: UInt64) throws {
        var empty: [SourceLocation] = []
        func readable(_ rows: [Example]) -> [Example] {
            rows.filter { row in
                guard wordRanges(in: row.text).isEmpty else { return true }
                empty.append(row.location)
                return false
            }
        }
        let rows = readable(train)
        guard let first = rows.first else {
            throw DatasetError(
                .badData, at: train.first?.location ?? SourceLocation(file: "training data"),
                "no row has a text with words: there is nothing to learn from")
        }
        labels = LabelOrder.sorted(Set(rows.compactMap(\.label)))
        guard labels.count > 1 else {
            throw DatasetError(
                .badData, at: first.location,
                "all \(rows.count) rows are labelled \"\(labels.first ?? "")\": a classifier needs at "
                    + "least two classes; check the label column")
        }
        guard labels.count <= Self.mostClasses else {
            throw DatasetError(
                .badData, at: first.location,
                "the rows have \(labels.count) different labels, and at most \(Self.mostClasses) can be "
                    + "told apart; check the label column")
        }
        usesQuery = first.query != nil
        var devRows = dev.map(readable) ?? []
        var trainRows = rows
        if dev == nil {
            guard rows.count >= 2 * labels.count else {
                throw DatasetError(
                    .badData, at: first.location,
                    "\(rows.count) rows are too few to hold some out: give --dev")
            }
            let indices = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
            let held = HeldOutRows(
                rows, classes: rows.map { row in row.label.flatMap { indices[$0] } ?? 0 },
                classCount: labels.count, seed: seed
            ).rows
            guard !held.isEmpty else {
                throw DatasetError(
                    .badData, at: first.location,
                    "the \(rows.count) rows have too few different texts to hold some out: give --dev"
                )
            }
            devRows = rows.indices.filter { held.contains($0) }.map { rows[$0] }
            trainRows = rows.indices.filter { !held.contains($0) }.map { rows[$0] }
        }
        self.train = trainRows
        self.dev = devRows
        self.heldOut = dev == nil ? devRows.count : 0
        self.test = readable(test)
        emptyRows = empty
        try Self.check(self.train + self.dev + self.test, labels: labels, usesQuery: usesQuery)
        guard !devRows.isEmpty else {
            throw DatasetError(
                .badData, at: dev?.first?.location ?? first.location,
                "the development set has no row with words")
        }
    }

    /// How many of the classes dev has rows of, such as `1 of 2 classes`; nil: of all.
    package var devCoverage: String? { coverage(of: dev) }
    /// How many of the classes test has rows of; nil: of all.
    package var testCoverage: String? { coverage(of: test) }

    private func coverage(of rows: [Example]) -> String? {
        let covered = Set(rows.compactMap(\.label)).count
        return covered < labels.count ? "\(covered) of \(labels.count) classes" : nil
    }

    /// Checks that every row has a known label, and a query if and only if the others do.
    package static func check(_ rows: [Example], labels: [String], usesQuery: Bool) throws {
        let known = Set(labels)
        for row in rows {
            guard let label = row.label else {
                throw DatasetError(.badData, at: row.location, "this row has no label")
            }
            guard known.contains(label) else {
                throw DatasetError(
                    .badData, at: row.location,
                    "the label \"\(label)\" was not seen in training; known labels: "
                        + labels.map { "\"\($0)\"" }.joined(separator: ", "))
            }
            guard (row.query != nil) == usesQuery else {
                throw DatasetError(
                    .badData, at: row.location,
                    usesQuery
                        ? "this row has no query, while others have one"
                        : "this row has a query, while the first row has none")
            }
        }
    }
}

extension TrainingData {
    /// The same rows, with those of dev measured as if they were those of test.
    package init(testIsDevOf data: TrainingData) {
        labels = data.labels
        train = data.train
        dev = data.dev
        test = data.dev
        usesQuery = data.usesQuery
        heldOut = data.heldOut
        emptyRows = data.emptyRows
    }
}
