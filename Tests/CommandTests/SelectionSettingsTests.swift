import Foundation
import TestSupport
import Testing
import Warrant

/// Thresholders and chunks as the command line sets them, from training to extraction.
@Suite struct SelectionSettingsTests {
    let tiny: TinyModel
    let folder: TemporaryFolder

    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
    }

    /// The words of a text of four sentences, of 2 to 6 words each with the full stop.
    private static func text(_ row: Int) -> [String] {
        var words: [String] = []
        for part in 0..<4 {
            let sentence = TinyModel.sentence(row + 5 * part).split(separator: " ").map(String.init)
            words += sentence.filter { $0 != "." }.prefix(1 + (row + part) % 5)
            words.append(".")
        }
        return words
    }

    /// A data file of texts, given as words.
    private func data(_ texts: [[String]]) throws -> String {
        let rows = texts.enumerated().map { row, words in
            "\(words.joined(separator: " "))\t\(row % 2 == 0 ? "negative" : "positive")\n"
        }
        return try folder.file("rows.tsv", "text\tlabel\n" + rows.joined())
    }

    /// Trains a model on a data file and returns what was said and what warrant.json holds.
    private func train(
        _ data: String, _ options: [String]
    ) throws -> (errors: String, manifest: Data) {
        let run = try Command.run(
            tiny.training(output: folder.path + "/m") + ["--train", data, "--dev", data] + options)
        try #require(run.status == 0, "\(run.errors)")
        let manifest = URL(fileURLWithPath: folder.path + "/m/warrant.json")
        return (run.errors, try Data(contentsOf: manifest))
    }

    /// What a line of extract says: a score for each word, and the words that were selected.
    private struct Extracted {
        let scores: [Float]
        let selection: [Int]
    }

    /// What the model extracts of each text.
    private func extract(_ data: String) throws -> [Extracted] {
        let run = try Command.run([
            "extract", "--model", folder.path + "/m", "--input", data, "--scores", "--precision",
            "fp32",
        ])
        #expect(run.status == 0, "\(run.errors)")
        return try run.objects().map { line in
            let scores = try #require(line["scores"] as? [Double])
            let snippets = try #require(line["rationale"] as? [[String: Any]])
            var selection: [Int] = []
            for snippet in snippets {
                let words = try #require(snippet["words"] as? [Int])
                selection += words[0]..<words[1]
            }
            return Extracted(scores: scores.map { Float($0) }, selection: selection)
        }
    }

    static let thresholders: [(ThresholderSettings, [String])] = [
        (.init(.topP, mass: 0.6), ["--mass", "0.6"]),
        (.init(.threshold, cutOff: 0.1), ["--cut-off", "0.1"]),
        (.init(.sentences, words: 8), ["--words", "8"]),
        (
            .init(.globalTopK, ratio: 0.3, minimum: 4),
            ["--ratio", "0.3", "--minimum-words", "4"]
        ),
        (
            .init(.globalTopK, cutOff: 1.5, minimum: 2),
            ["--cut-off", "1.5", "--minimum-words", "2"]
        ),
        (
            .init(.globalContiguous, ratio: 0.3, minimum: 3),
            ["--ratio", "0.3", "--minimum-words", "3"]
        ),
    ]

    @Test(arguments: thresholders)
    func whatIsSetOfAThresholderIsRecordedAndObeyed(
        _ settings: ThresholderSettings, _ options: [String]
    ) throws {
        let texts = (0..<20).map(Self.text)
        let data = try data(texts)
        // Random scores differ much, whatever the model.
        let (_, manifest) = try train(
            data, ["--scorer", "random", "--thresholder", settings.name.rawValue] + options)
        let recorded = try JSONDecoder().decode(ThresholderSettings.self, from: manifest)
        var expected = settings
        if settings.needsCalibration { expected.cutOff = recorded.cutOff }
        #expect(recorded == expected)

        let extractions = try extract(data)
        try #require(extractions.map(\.scores.count) == texts.map(\.count))
        for (text, extraction) in zip(texts, extractions) {
            try check(extraction.selection, of: text, extraction.scores, recorded)
        }
        let sizes = extractions.map(\.selection.count)
        #expect(Set(sizes).count > 1, "the settings decide how many words are kept: \(sizes)")
        if let minimum = settings.minimum { #expect(sizes.min() == minimum) }
        if let ratio = settings.ratio {
            let budget = selectionSize(ratio: ratio, wordCount: texts.joined().count)
            let spent = sizes.reduce(0, +)
            // A span may grow by several words at once.
            #expect((budget * 9 / 10...budget).contains(spent), "\(spent) of \(budget)")
        }
    }

    /// Checks a selection by what the thresholder is said to select.
    private func check(
        _ selection: [Int], of text: [String], _ scores: [Float], _ settings: ThresholderSettings
    ) throws {
        try #require(!selection.isEmpty)
        func sum(_ words: [Int]) -> Double { words.reduce(0) { $0 + Double(scores[$1]) } }
        switch settings.name {
        case .topP:
            let mass = try #require(settings.mass)
            let needed = mass * sum(Array(scores.indices))
            #expect(selection == TopK(words: selection.count).select(scores))
            let least = Double(selection.map { scores[$0] }.min() ?? 0)
            #expect(sum(selection) >= needed && sum(selection) - least < needed)
        case .threshold:
            let cutOff = Float(try #require(settings.cutOff))
            let reaching = scores.indices.filter { scores[$0] >= cutOff }
            #expect(selection == (reaching.isEmpty ? TopK(words: 1).select(scores) : reaching))
        case .sentences:
            let words = try #require(settings.words)
            let ends = text.indices.filter { text[$0] == "." }.map { $0 + 1 }
            let sentences = zip([0] + ends, ends).map { Array($0..<$1) }
            let sets: [[Int]] = (1..<(1 << sentences.count)).map { set in
                sentences.indices.filter { set >> $0 & 1 == 1 }.flatMap { sentences[$0] }
            }
            let best = try #require(sets.filter { $0.count <= words }.map(sum).max())
            #expect(sets.contains(selection), "whole sentences: \(selection)")
            #expect(selection.count <= words)
            // Sums in another order differ by roundings.
            #expect(sum(selection) >= best - 1e-12)
        case .globalTopK:
            let cutOff = try #require(settings.cutOff)
            let minimum = try #require(settings.minimum)
            let above = scores.count { Double($0) * Double(scores.count) > cutOff }
            #expect(selection == TopK(words: max(minimum, above)).select(scores))
        case .globalContiguous:
            let minimum = try #require(settings.minimum)
            #expect(selection == Contiguous(words: selection.count).select(scores))
            #expect(selection.count >= minimum)
        default: Issue.record("not among the thresholders of this test")
        }
    }

    @Test func chunksAreAsLongAndAsFarApartAsTheyAreSet() throws {
        // 40 words of a piece each; 14 of them fit into a chunk of 16 tokens.
        let texts = (0..<12).map { row in
            Array((0..<4).flatMap { Self.text(row + 5 * $0) }.prefix(40))
        }
        let data = try data(texts)
        let (errors, manifest) = try train(data, ["--maximum-length", "16", "--stride", "8"])
        // A stride of 8 tokens is one of 7 in what the special tokens leave of a chunk: chunks begin
        // at the words 0, 7, 14, 21 and 28.
        #expect(
            errors.contains(
                "24 of 24 documents are longer than 16 tokens: they are read in chunks, 5.0 on "
                    + "average and 5 at most"), "\(errors)")
        let recorded = try #require(
            try JSONSerialization.jsonObject(with: manifest) as? [String: Any])
        #expect(recorded["maximum_length"] as? Int == 16 && recorded["stride"] as? Int == 8)
        let extractions = try extract(data)
        #expect(extractions.map(\.scores.count) == [Int](repeating: 40, count: 12))
        // A fifth of all words, and not of the first chunk's.
        #expect(extractions.allSatisfy { $0.selection.count == 8 })
    }
}
