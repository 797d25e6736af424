import Foundation
import TestSupport
import Testing
import Warrant

/// The datasets beside the package, which the tests do not carry.
private enum SharedDatasets {
    static let folder = Outside.shared.path + "/data"

    static let areThere = FileManager.default.fileExists(atPath: folder + "/README.md")

    static func examples(
        _ path: String, _ change: (inout DatasetOptions) -> Void = { _ in }
    ) throws -> [Example] {
        var options = DatasetOptions()
        options.requiresLabel = true
        change(&options)
        return try ExampleReader.examples(path: folder + "/" + path, options: options)
    }
}

@Suite(.enabled(if: SharedDatasets.areThere, "the folder ../shared/data is not there"))
struct SharedDatasetTests {
    @Test func sentimentTreebank() throws {
        for (split, count) in [("train", 6_920), ("dev", 872), ("test", 1_821)] {
            let examples = try SharedDatasets.examples("sst/\(split).tsv")
            #expect(examples.count == count)
            #expect(Set(examples.map(\.label)) == ["0", "1"])
        }
    }

    @Test func newsTopics() throws {
        let train = try SharedDatasets.examples("agnews/train.csv") {
            $0.textColumn = .name("description")
        }
        #expect(train.count == 44_245)
        let test = try SharedDatasets.examples("agnews/test.csv") {
            $0.textColumn = .number(3)
            $0.labelColumn = .number(1)
        }
        #expect(test.count == 7_600)
        for examples in [train, test] {
            #expect(Set(examples.map(\.label)) == ["1", "2", "3", "4"])
        }
    }

    @Test func movieReviews() throws {
        for (split, count) in [("train", 1_600), ("val", 200), ("test", 199)] {
            let examples = try SharedDatasets.examples("movies") { $0.split = split }
            #expect(examples.count == count)
            #expect(Set(examples.map(\.label)) == ["NEG", "POS"])
            #expect(Set(examples.map(\.query)).count == 1)
            // One training review has no evidence.
            #expect(examples.filter { $0.rationale == nil }.count == (split == "train" ? 1 : 0))
        }
    }

    @Test func multipleSentenceQuestions() throws {
        let train = try SharedDatasets.examples("multirc/train.jsonl")
        #expect(train.count == 24_029)
        #expect(train.filter { $0.rationale != nil }.count == 17_392)
        #expect(try SharedDatasets.examples("multirc/val.jsonl").count == 3_214)
    }

    @Test func subjectVerbAgreement() throws {
        var count = 0
        for file in ["val"] + (1...5).map({ "test.\($0)" }) {
            let examples = try SharedDatasets.examples("agreement/numpred.\(file)") {
                $0.format = .tsv
                $0.textColumn = .number(2)
                $0.labelColumn = .number(1)
            }
            #expect(Set(examples.map(\.label)) == ["VBZ", "VBP"])
            count += examples.count
        }
        #expect(count == 15_772 + 64_750)
    }
}
