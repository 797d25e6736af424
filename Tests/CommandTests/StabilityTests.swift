import Foundation
import TestSupport
import Testing

/// `warrant evaluate --stability`.
@Suite struct StabilityCommandTests {
    let tiny: TinyModel
    let folder: TemporaryFolder

    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
    }

    private func stability(_ model: String, _ arguments: [String] = []) throws -> [String: Any] {
        let run = try Command.run(
            [
                "evaluate", "--model", model, "--data", tiny.train, "--stability", "--json",
                "--no-faithfulness",
            ] + arguments)
        try #require(run.status == 0, "\(run.errors)")
        return try #require(try run.objects().first?["stability"] as? [String: Any])
    }

    private func rate(_ stability: [String: Any], _ path: String...) throws -> Double {
        let last = path.dropLast().reduce(stability) { $0[$1] as? [String: Any] ?? [:] }
        return try #require(last[path[path.count - 1]] as? Double, "\(path)")
    }

    @Test func ratesStandUnderTheirKeysWhateverTheThreads() throws {
        let found = try stability(tiny.model, ["--threads", "1"])
        let again = try stability(tiny.model, ["--threads", "3"])
        #expect(found as NSDictionary == again as NSDictionary)
        #expect(found["documents"] as? Int == 40)
        for edit in ["replace", "delete"] {
            #expect(try rate(found, edit, "edits") == 400)
            let labels = try rate(found, edit, "label_changes")
            // A label changes only with the words that it is predicted from.
            #expect(try labels <= rate(found, edit, "selection_changes"))
            #expect(try rate(found, edit, "selection_changes") > 0)
            var last = 0.0
            for count in ["1", "5", "10"] {
                let flips = try rate(found, edit, "documents_with_a_flip", count)
                #expect(flips >= last && flips <= 1)
                #expect(
                    try rate(found, "full_text", edit, "documents_with_a_flip", count) <= 1)
                last = flips
            }
            #expect(labels <= last)
        }
        let other = try stability(tiny.model, ["--seed", "9"])
        #expect(other["seed"] as? String == "9" && other as NSDictionary != found as NSDictionary)
    }

    /// The first words stay what they are when a later one is replaced.
    @Test func aSelectorThatDoesNotReadTheWordsIsNeverMoved() throws {
        let model = folder.path + "/first"
        let trained = try Command.run(tiny.training(output: model) + ["--scorer", "first"])
        try #require(trained.status == 0, "\(trained.errors)")
        let found = try stability(model)
        #expect(try rate(found, "replace", "selection_changes") == 0)
        #expect(try rate(found, "replace", "label_changes") == 0)
        #expect(try rate(found, "replace", "documents_with_a_flip", "10") == 0)
        let table = try Command.run([
            "evaluate", "--model", model, "--data", tiny.dev, "--stability", "--no-faithfulness",
        ])
        #expect(table.status == 0)
        #expect(table.output.contains("replaced: classifier (rationales)"), "\(table.output)")
    }
}
