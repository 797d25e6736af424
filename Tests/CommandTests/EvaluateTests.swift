import Foundation
import TestSupport
import Testing
import Warrant

@Suite struct EvaluateTests {
    let tiny: TinyModel
    init() throws { tiny = try TinyModel.shared.get() }

    @Test func measuresBothModelsAsTrainingDid() throws {
        // In the precision of training: in the other the support model's near ties may fall otherwise.
        let run = try Command.run([
            "evaluate", "--model", tiny.model, "--data", tiny.dev, "--json", "--precision", "fp32",
        ])
        #expect(run.status == 0, "\(run.errors)")
        let report = try #require(try run.objects().first)
        let manifest = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(fileURLWithPath: tiny.model + "/warrant.json")))
        let training = (manifest as? [String: Any])?["training"] as? [String: Any]
        for stage in ["support", "classifier"] {
            let test = (training?[stage] as? [String: Any])?["test"] as? [String: Any]
            let measured = report[stage] as? [String: Any]
            #expect(measured?["macro_f1"] as? Double == test?["macro_f1"] as? Double)
            #expect(measured?["macro_f1"] != nil)
        }
        let table = try Command.run(["evaluate", "--model", tiny.model, "--data", tiny.dev])
        #expect(table.lines.first?.hasPrefix("12 documents; rationales hold ") == true)
        #expect(table.output.contains("classifier (rationales)"))
    }

    @Test func rowsWithoutWordsAndLongOnesAreCounted() throws {
        let folder = try TemporaryFolder()
        let long = Array(repeating: "film", count: 3_000).joined(separator: " ")
        let data = try folder.file(
            "data.tsv", TinyModel.rows(4) + "\(long)\tnegative\n\tpositive\n")
        let run = try Command.run(["evaluate", "--model", tiny.model, "--data", data])
        #expect(run.status == 0)
        #expect(
            run.lines.first?.hasPrefix(
                "5 documents, 1 read in several chunks, 1 without words not measured")
                == true)
        #expect(run.errors.contains("data.tsv:7: "))
    }

    @Test func scoresAreThoseOfWhatClassifyAnswers() throws {
        let folder = try TemporaryFolder()
        let data = try folder.file("data.tsv", Self.table)
        let (support, classifier) = try scores(tiny.model, data)
        #expect(support.figures != classifier.figures, "one in the other's place would show")

        let evaluate = ["evaluate", "--model", tiny.model, "--data", data, "--precision", "fp32"]
        let run = try Command.run(evaluate + ["--json"])
        #expect(run.status == 0, "\(run.errors)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let report = try decoder.decode(Report.self, from: Data(run.output.utf8))
        for (name, given, expected) in [
            ("support", report.support, support), ("classifier", report.classifier, classifier),
        ] {
            #expect(given.classes.map(\.label) == expected.classes.map(\.label))
            #expect(given.counts == expected.counts, "\(name)")
            // Sums of doubles in another order.
            let differences = zip(given.figures, expected.figures).map { abs($0 - $1) }
            #expect(
                differences.allSatisfy { $0 < 1e-6 },
                "\(name): \(given.figures), expected \(expected.figures)")
        }
        let tables = try Command.run(evaluate)
        #expect(tables.status == 0, "\(tables.errors)")
        expectTables(tables.lines, support, classifier)
    }

    // `random` does not ask the support model, which is then asked for the test set's sake.
    @Test(arguments: ["cls-attention", "random"])
    func trainingPrintsTheScoresOfTheTestSet(_ scorer: String) throws {
        let folder = try TemporaryFolder()
        let data = try folder.file("data.tsv", Self.table)
        let model = folder.path + "/m"
        let run = try Command.run(
            tiny.training(output: model) + ["--scorer", scorer, "--test", data])
        try #require(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("The model on the test set: 30 documents; rationales hold "))
        let (support, classifier) = try scores(model, data)
        expectTables(run.errorLines, support, classifier)
        // Before these tables, beside the dev set's.
        for (name, scores) in [(Self.stages[0], support), (Self.stages[1], classifier)] {
            let line = words(run.errorLines).first { $0.hasPrefix("\(name) ") }
            let end = " " + Self.text([scores.macroF1, scores.accuracy])
            #expect(line?.hasSuffix(end) == true, "\(line ?? "no line") ends in\(end)")
        }
    }

    // MARK: What classify answers

    private static let stages = ["support (whole texts)", "classifier (rationales)"]
    private static let labels = ["negative", "positive"]

    /// 30 rows, twice as many of one class as of the other.
    private static let rows: [(text: String, label: String)] = (0..<30).map {
        (TinyModel.sentence($0), labels[$0 % 3 == 0 ? 0 : 1])
    }
    private static var table: String {
        "sentence\tlabel\n" + rows.map { "\($0.text)\t\($0.label)\n" }.joined()
    }

    /// The scores of the support model, which the library asks, and of the classifier, which
    /// `classify` does.
    private func scores(
        _ model: String, _ data: String
    ) throws -> (support: Scores, classifier: Scores) {
        let folder = URL(fileURLWithPath: model)
        let whole = try RationaleModel(folder: folder, precision: .fp32)
            .readWhole(Self.rows.map { Document($0.text) })
        let run = try Command.run([
            "classify", "--model", model, "--input", data, "--precision", "fp32",
        ])
        let lines = try run.objects()
        try #require(whole.count == 30 && lines.count == 30, "\(run.errors)")
        var (support, classifier): ([Scores.Row], [Scores.Row]) = ([], [])
        for (index, row) in Self.rows.enumerated() {
            let prediction = try #require(whole[index])
            let confidence = prediction.probabilities[prediction.index]
            support.append(Scores.Row(row.label, prediction.label, confidence))
            let label = try #require(lines[index]["label"] as? String)
            let probabilities = try #require(lines[index]["probabilities"] as? [String: Double])
            let probability = try #require(probabilities[label])
            classifier.append(Scores.Row(row.label, label, Float(probability)))
        }
        return (
            Scores(support, labels: Self.labels), Scores(classifier, labels: Self.labels)
        )
    }

    /// Lines of a table with a single space between words.
    private func words(_ lines: [String]) -> [String] {
        lines.map { $0.split(separator: " ").joined(separator: " ") }
    }

    private static func text(_ figures: [Double]) -> String {
        figures.map { decimalText($0, places: 3) }.joined(separator: " ")
    }

    /// Expects the scores, the scores by class, and the confusion, in this order.
    private func expectTables(_ lines: [String], _ support: Scores, _ classifier: Scores) {
        let stages = Array(zip(Self.stages, [support, classifier]))
        var expected = stages.map { name, scores in
            name + " "
                + Self.text([scores.macroF1, scores.accuracy, scores.expectedCalibrationError])
        }
        for (own, other) in zip(support.classes, classifier.classes) {
            expected.append(
                "\(own.label) \(own.documents) " + Self.text(own.figures + other.figures))
        }
        for (name, scores) in stages {
            expected.append("\(name): true \\ predicted " + Self.labels.joined(separator: " "))
            for (label, counts) in zip(Self.labels, scores.confusion) {
                expected.append("\(label) " + counts.map { "\($0)" }.joined(separator: " "))
            }
        }
        let shown = words(lines)
        #expect(shown.filter { expected.contains($0) } == expected, "\(shown)")
    }
}

/// What `evaluate --json` prints of both models.
private struct Report: Decodable {
    let support, classifier: Scores
}

/// A model's scores of labelled rows.
private struct Scores: Decodable {
    /// A row's true class, the predicted one, and the probability of that.
    struct Row {
        let truth, label: String
        let confidence: Float

        init(_ truth: String, _ label: String, _ confidence: Float) {
            (self.truth, self.label, self.confidence) = (truth, label, confidence)
        }
    }

    struct Class: Decodable {
        let label: String
        let documents, predicted: Int
        let precision, recall, f1: Double

        var figures: [Double] { [precision, recall, f1] }
    }

    let macroF1, accuracy, expectedCalibrationError: Double
    let classes: [Class]
    /// Rows are true classes, columns predicted ones.
    let confusion: [[Int]]

    var figures: [Double] {
        [macroF1, accuracy, expectedCalibrationError] + classes.flatMap(\.figures)
    }
    var counts: [[Int]] { confusion + classes.map { [$0.documents, $0.predicted] } }

    /// By their definitions; each label is some row's.
    init(_ rows: [Row], labels: [String]) {
        func ratio(_ part: Int, _ whole: Int) -> Double {
            whole == 0 ? 0 : Double(part) / Double(whole)
        }
        confusion = labels.map { truth in
            labels.map { label in rows.count { $0.truth == truth && $0.label == label } }
        }
        classes = labels.map { label in
            let documents = rows.count { $0.truth == label }
            let predicted = rows.count { $0.label == label }
            let right = rows.count { $0.truth == label && $0.label == label }
            return Class(
                label: label, documents: documents, predicted: predicted,
                precision: ratio(right, predicted), recall: ratio(right, documents),
                f1: ratio(2 * right, documents + predicted))
        }
        macroF1 = classes.reduce(0) { $0 + $1.f1 } / Double(labels.count)
        accuracy = ratio(rows.count { $0.truth == $0.label }, rows.count)
        // Guo et al. 2017: 15 bins, each without its lower bound.
        let bins = Dictionary(grouping: rows) { (Double($0.confidence) * 15).rounded(.up) }
        let gaps = bins.values.map { bin in
            let right = bin.count { $0.truth == $0.label }
            let confidences = bin.map { Double($0.confidence) }
            return abs(Double(right) - confidences.reduce(0, +))
        }
        expectedCalibrationError = gaps.reduce(0, +) / Double(rows.count)
    }
}
