import Classifiers
import Datasets
import JSON
import Training

extension ExperimentFile.DataSet {
    /// Reads and checks the rows of all sets. What is held out for dev is drawn by the first of the
    /// seeds and the same for all of them, so that runs differ in nothing but the seed.
    ///
    /// - Parameter notice: receives what was found out about the rows and what was left out.
    /// - Throws: `DatasetError` that names the row.
    package func rows(notice: @escaping (String) -> Void = { _ in }) throws -> TrainingData {
        func examples(
            _ path: String, split: String, _ options: DatasetOptions
        ) throws -> [Example] {
            var options = options
            options.split = split
            return try ExampleReader.examples(path: path, options: options, report: notice)
        }
        let devPath = dev ?? split("val")
        let testPath = testIsDev ? nil : test ?? split("test")
        let dev = try devPath.map { try examples($0, split: "val", options) }
        let test = try testPath.map { try examples($0, split: "test", testOptions) } ?? []
        let data = try TrainingData(
            train: try examples(train, split: "train", options), dev: dev, test: test,
            seed: seeds.first ?? 0)
        return testIsDev ? TrainingData(testIsDevOf: data) : data
    }

    /// The training rows' folder, where it is one and has this split.
    private func split(_ split: String) -> String? {
        DatasetFolder(train).has(split: split) ? train : nil
    }
}

/// What rows say, as digests: the same digest, the same rows, wherever they were read.
package struct RowDigests: Sendable, Equatable {
    /// The classes.
    let labels: [String]
    /// Texts, queries and labels of each set.
    let texts: Splits<String>
    /// The words that humans marked in each set.
    let rationales: Splits<String>
    /// Whether there is a test set.
    let hasTest: Bool

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
    var json: JSONText {
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

    private static func digest(_ rows: [Example], _ json: (Example) -> JSONText) -> String {
        var bytes: [UInt8] = []
        for row in rows {
            json(row).append(to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        return FileDigests.sha256(bytes)
    }
}
