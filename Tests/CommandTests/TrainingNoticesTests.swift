import Foundation
import TestSupport
import Testing

/// What `train` prints of data and models that are allowed and seldom meant, and what it makes of them.
@Suite struct TrainingNoticesTests {
    let tiny: TinyModel
    let folder: TemporaryFolder
    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
    }

    private func train(_ data: String, _ more: [String] = []) throws -> Command.Outcome {
        try Command.run(
            [
                "train", "--encoder", tiny.encoder, "--train", data, "--output",
                folder.path + "/m", "--epochs", "1", "--batch-size", "8",
            ] + more)
    }

    private func json(_ file: String) throws -> [String: Any] {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(file)"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func row(_ text: String, _ label: String, id: String? = nil) -> String {
        let id = id.map { "\"id\": \"\($0)\", " } ?? ""
        return "{\(id)\"text\": \"\(text)\", \"label\": \"\(label)\"}\n"
    }

    @Test func eachNoticeIsPrintedOnceWithACountAndAnExample() throws {
        var rows = (0..<20).map {
            row(TinyModel.sentence($0) + " \($0)", $0 % 2 == 0 ? "bad" : "good", id: "r\($0)")
        }
        let dev = try folder.file("dev.jsonl", rows[2..<6].joined())
        rows += [
            row(TinyModel.sentence(1) + " 1", "bad", id: "r3"), row("a dull film", "good "),
        ]
        let data = try folder.file("train.jsonl", rows.joined())
        let run = try train(data, ["--dev", dev, "--test", data])
        #expect(run.status == 0, "\(run.errors)")
        for fragment in [
            "4 of 4 dev texts also stand in train", "22 of 22 test texts also stand in train",
            "dev.jsonl:1, which is \(folder.path)/train.jsonl:3",
            "1 text has several labels: \(folder.path)/train.jsonl:2 is labelled \"good\" and "
                + "\(folder.path)/train.jsonl:21 \"bad\"",
            "\"good\" (\(folder.path)/train.jsonl:2), \"good \" (\(folder.path)/train.jsonl:22)",
            "\(folder.path)/train.jsonl:21 and \(folder.path)/train.jsonl:4 are both \"r3\"",
            "dev has no document labelled \"good \"", "bad 11, good 10, \"good \" 1",
            "(2 of 3 classes)",
        ] {
            #expect(run.errors.components(separatedBy: fragment).count >= 2, "\(fragment)")
        }
        for notice in ["dev texts also stand", "several labels", "are both", "differ from others"] {
            #expect(run.errorLines.count { $0.contains(notice) } == 1, "\(notice)")
        }
        let scores = try #require(
            (try json("m/warrant.json")["training"] as? [String: Any])?["support"]
                as? [String: Any])
        #expect((scores["dev"] as? [String: Any])?["classes_with_rows"] as? Int == 2)
        #expect((scores["test"] as? [String: Any])?["classes_with_rows"] == nil)
        let card = try String(contentsOfFile: folder.path + "/m/README.md", encoding: .utf8)
        #expect(card.contains("(2 of 3 classes) |"))

        let evaluated = try Command.run([
            "evaluate", "--model", folder.path + "/m", "--data", dev, "--json",
            "--no-faithfulness",
        ])
        #expect(evaluated.status == 0, "\(evaluated.errors)")
        let support = try #require(try evaluated.objects().first?["support"] as? [String: Any])
        #expect(support["classes_with_rows"] as? Int == 2)
    }

    @Test func wholeNumberLabelsStandInOrderOfTheirValues() throws {
        let data = try folder.file(
            "stars.jsonl",
            (0..<48).map { row(TinyModel.sentence($0) + " \($0)", "\(12 - $0 % 12)") }.joined())
        let run = try train(data)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains(": 1 3, 2 3, 3 3, 4 3, 5 3, 6 3, 7 3, 8 3, 9 3, 10 3, …"))
        let numbers = (1...12).map { "\($0)" }
        #expect(try json("m/warrant.json")["labels"] as? [String] == numbers)
        let names = try #require(
            try json("m/classifier/config.json")["id2label"] as? [String: String])
        #expect((0..<12).map { names["\($0)"] } == numbers)
        let evaluated = try Command.run([
            "evaluate", "--model", folder.path + "/m", "--data", data, "--no-faithfulness",
        ])
        let head = try #require(evaluated.lines.first { $0.contains("true \\ predicted") })
        #expect(head.split(separator: " ").suffix(12).map(String.init) == numbers)
    }

    @Test func rareClassesAreHeldOutAndWeighted() throws {
        let data = try folder.file(
            "rare.jsonl",
            (0..<100).map {
                row(TinyModel.sentence($0) + " \($0)", $0 % 25 == 0 ? "rare" : "common")
            }.joined())
        let run = try train(data, ["--class-weights", "balanced", "--classifier-epochs", "2"])
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            run.errors.contains("dev: 11 documents (held out of rare.jsonl): common 10, rare 1"))
        let training = try #require(try json("m/warrant.json")["training"] as? [String: Any])
        #expect(training["class_weights"] as? String == "balanced")
        let classifier = try #require(training["classifier_recipe"] as? [String: Any])
        #expect(classifier["class_weights"] as? String == "balanced")
        let card = try String(contentsOfFile: folder.path + "/m/README.md", encoding: .utf8)
        #expect(card.contains("| class weights | balanced |"))
        #expect(card.contains("| the classifier's class weights | balanced |"))

        // A model that always gives the frequent class is not perfect, and is told of.
        let plain = try train(data, ["--overwrite", "--learning-rate", "1e-9"])
        #expect(plain.status == 0, "\(plain.errors)")
        #expect(
            plain.errors.contains(
                "never predicts \"rare\", the class of 1 of the 11 dev documents")
        )
        #expect(!plain.errors.contains("dev macro-F1 1.000"))
        let record = try #require(try json("m/warrant.json")["training"] as? [String: Any])
        #expect(record["class_weights"] == nil)
    }

    @Test func aLossThatRoseIsTold() throws {
        let run = try Command.run(
            tiny.training(output: folder.path + "/m") + ["--learning-rate", "1", "--epochs", "3"])
        #expect(run.status == 0 || run.status == 70, "\(run.errors)")
        #expect(run.errors.contains("diverged"))
        #expect(run.errors.contains("lower its learning rate, which is 1"))
    }
}
