import Foundation
import TestSupport
import Testing

@Suite struct EvaluateTests {
    let tiny: TinyModel
    init() throws { tiny = try TinyModel.shared.get() }

    @Test func measuresBothModelsAsTrainingDid() throws {
        let run = try Command.run(["evaluate", "--model", tiny.model, "--data", tiny.dev, "--json"])
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
                "5 documents, 1 read in several windows, 1 without words not measured")
                == true)
        #expect(run.errors.contains("data.tsv:7: "))
    }
}
