import AttentionModels
import Diagnose
import Foundation
import JSON
import Metrics
import TestSupport
import Testing
import Warrant

/// The figures of summaries, computed anew from what is kept or written of each text.
@Suite("Figures of diagnostics") struct DiagnosticNumberTests {
    private func json(_ text: JSONText) throws -> JSONValue {
        try JSONValue(json: Array(text.write().utf8), file: "test")
    }

    /// A diagnostic's summary and the lines of its texts.
    private func result(
        _ name: String, _ tiny: TinySubject = TinySubject()
    ) throws -> (summary: JSONValue, texts: [JSONValue]) {
        let report = try QuickDiagnostic.named(name).report(tiny).report
        return (try json(report.json), try report.texts.map(json))
    }

    private func numbers(_ value: JSONValue?) throws -> [Double] {
        let elements = try #require(value?.array)
        return elements.compactMap(\.double)
    }

    private func number(_ value: JSONValue?) throws -> Double { try #require(value?.double) }

    private func expect(
        _ value: JSONValue?, _ wanted: Double, within tolerance: Double = 1e-9,
        _ location: Testing.SourceLocation = #_sourceLocation
    ) {
        let found = value?.double
        #expect(
            found.map { abs($0 - wanted) <= tolerance } == true,
            "\(found.map { "\($0)" } ?? "none"), not \(wanted)", sourceLocation: location)
    }

    private struct CorrelationFindings: Decodable {
        struct Text: Decodable {
            let probabilities, attention, gradient, leave_one_out: [Double]
        }
        let texts: [Text]
    }
    private typealias Side = KeyPath<CorrelationFindings.Text, [Double]>

    @Test func correlationsAreThoseOfTheTextsRankings() throws {
        let quick = QuickDiagnostic.named("correlation")
        var tiny = TinySubject()
        // The same words without their order have the same weights: nothing is ranked.
        tiny.options.encoder = "average"
        let (subject, context) = try quick.subject(tiny)
        let graph = StageGraph(remembering: DiagnosticMemory.stages)
        let found = try graph.output(
            of: DiagnosticStage(Correlation(quick.settings), of: subject))
        let texts = try JSONDecoder().decode(
            CorrelationFindings.self, from: JSONEncoder().encode(found)
        ).texts.filter { $0.attention.count > 1 }
        #expect(texts.count == 9)
        let summary = try json(Correlation(quick.settings).report(found, context).json)
        for (key, sides) in [
            ("attention_gradient", (\.attention, \.gradient)),
            ("attention_leave_one_out", (\.attention, \.leave_one_out)),
            ("gradient_leave_one_out", (\.gradient, \.leave_one_out)),
        ]
            as [(String, (Side, Side))]
        {
            for group in ["overall", "predicted 0", "predicted 1"] {
                let members = texts.filter {
                    group == "overall"
                        || group
                            == ($0.probabilities[1] > $0.probabilities[0]
                                ? "predicted 1" : "predicted 0")
                }
                let taus = members.map { tau($0[keyPath: sides.0], $0[keyPath: sides.1]) }
                let defined = taus.compactMap { $0 }
                let entry = try #require(summary[key]?[group])
                #expect(
                    Set(try #require(entry.object).keys) == [
                        "mean", "std", "significant", "n", "undefined",
                    ])
                #expect(entry["n"]?.integer == members.count)
                #expect(entry["undefined"]?.integer == taus.count - defined.count)
                guard !defined.isEmpty else {
                    #expect(entry["mean"] == nil)
                    continue
                }
                let average = mean(defined)
                expect(entry["mean"], average)
                expect(
                    entry["std"],
                    mean(defined.map { ($0 - average) * ($0 - average) }).squareRoot())
                let significant = members.count {
                    (KendallCorrelation($0[keyPath: sides.0], $0[keyPath: sides.1])?.pValue ?? 1)
                        <= 0.05
                }
                expect(entry["significant"], Double(significant) / Double(members.count))
            }
            #expect(summary[key]?["overall"]?["undefined"]?.integer == 1, "film film film")
        }
    }

    @Test(.enabled(if: Outside.hasShared, "no recordings"))
    func correlationsHaveTheLayoutOfTheBaselines() throws {
        let path = Outside.shared.appendingPathComponent(
            "reference/baselines/sst-lstm-tanh-random.json")
        let baseline = try JSONValue(
            json: Array(Data(contentsOf: path)), file: path.lastPathComponent)
        let (summary, _) = try result("correlation")
        let pairs = try #require(baseline["importance"]?.object)
        #expect(pairs.count == 3)
        for (pair, groups) in pairs {
            let own = try #require(summary[pair]?.object, "\(pair)")
            let groups = try #require(groups.object)
            #expect(Set(own.keys) == Set(groups.keys))
            for (group, figures) in groups {
                let figures = try #require(figures.object)
                #expect(Set(try #require(own[group]?.object).keys) == Set(figures.keys))
            }
        }
        #expect(summary["test"]?["f1_positive"]?.double != nil)
        let permuted = try #require(baseline["permutation"]?["by_max_attention"]?.object)
        let own = try #require(
            try result("permutation").summary["permutation"]?["by_max_attention"]?.object)
        #expect(Set(own.keys) == Set(permuted.keys))
    }

    @Test func scoresAreThoseOfTheProbabilities() throws {
        let (summary, texts) = try result("permutation")
        // One text has one word, and is not listed.
        let listed = try texts.map {
            (try #require($0["label"]?.integer), try numbers($0["probabilities"]))
        }
        #expect(listed.allSatisfy { abs($0.1.reduce(0, +) - 1) < 1e-6 })
        let right = listed.count { ($0.1[1] > $0.1[0] ? 1 : 0) == $0.0 }
        let accuracy = try number(summary["test"]?["accuracy"])
        let all = Int((accuracy * 10).rounded())
        #expect(all == right || all == right + 1)
    }

    @Test func permutationsAreSummedUpByTheLargestWeight() throws {
        let (summary, texts) = try result("permutation")
        let medians = try texts.map { try number($0["median_difference"]) }
        let weights = try texts.map { try number($0["largest_attention"]) }
        expect(summary["permutation"]?["mean_of_medians"], mean(medians))
        expect(summary["permutation"]?["median_of_medians"], median(medians))
        for (key, range) in [
            ("0.00-0.25", 0..<0.25), ("0.25-0.50", 0.25..<0.5), ("0.50-0.75", 0.5..<0.75),
            ("0.75-1.00", 0.75..<1.01),
        ] {
            let entry = try #require(summary["permutation"]?["by_max_attention"]?[key])
            let own = zip(medians, weights).filter { range.contains($0.1) }.map(\.0)
            #expect(entry["n"]?.integer == own.count)
            if own.isEmpty {
                #expect(entry["median"] == nil)
            } else {
                expect(entry["median"], median(own))
            }
        }
        for text in texts {
            #expect(
                try number(text["median_difference"]) <= number(text["largest_difference"]))
        }
        #expect(medians.contains { $0 > 0 })
    }

    @Test func theEpsilonMaxDivergenceIsTheLargestOfThoseThatAreAccepted() throws {
        let (summary, texts) = try result("adversary")
        var chosen: [Double] = []
        for text in texts {
            let found = zip(try numbers(text["jsd"]), try numbers(text["output_differences"]))
            let best = found.filter { $0.1 <= 0.05 }.map(\.0).max() ?? 0
            expect(text["epsilon_max_jsd"], max(0, best))
            chosen.append(max(0, best))
        }
        let overall = try #require(summary["epsilon_max_jsd"]?["overall"])
        expect(overall["mean"], mean(chosen))
        expect(overall["median"], median(chosen))
        expect(
            overall["share_above_0_4"],
            Double(chosen.count { $0 > 0.4 }) / Double(chosen.count))
        #expect(chosen.contains { $0 > 0.1 })
    }

    @Test func erasureCountsWordsUntilTheDecisionChanges() throws {
        let (summary, texts) = try result("erasure")
        for ranking in [
            "random", "attention", "gradient", "product", "attention-ascending",
            "sign-times-attention",
        ] {
            let key = "erased_" + ranking.replacing("-", with: "_")
            var fractions: [Double] = []
            var never = 0
            for text in texts {
                let words = try number(text["words"])
                let erased = try numbers(text[key])
                #expect(erased.count == (ranking == "random" ? 2 : 1))
                fractions += erased.filter { $0 > 0 }.map { $0 / words }
                never += erased.count { $0 < 0 }
            }
            let entry = try #require(summary["sets"]?[ranking])
            #expect(entry["never"]?.integer == never)
            #expect(entry["fraction"]?["n"]?.integer == fractions.count)
            if !fractions.isEmpty { expect(entry["fraction"]?["mean"], mean(fractions)) }
        }
        let flips = texts.count { $0["largest_flips"] == .boolean(true) }
        let single = try #require(summary["single"])
        #expect(
            try number(single["both"]) + number(single["only_largest"]) == Double(flips))
        #expect(
            try ["both", "only_largest", "only_other", "neither"].reduce(0) {
                try $0 + number(single[$1])
            } == 9)
        let differences = try texts.map { try number($0["js_difference"]) }
        expect(
            single["share_other_moves_further"],
            Double(differences.count { $0 < 0 }) / 9)
    }

    @Test func seedsAreComparedTextByText() throws {
        let (summary, texts) = try result("seeds")
        let tiny = TinySubject()
        let graph = StageGraph(remembering: DiagnosticMemory.stages)
        let words = try tiny.words()
        func outputs(_ seed: UInt64) throws -> (attention: [[Float]], probabilities: [[Double]]) {
            let model = try graph.output(of: words.run.with { $0.seed = seed }.model).model
            let texts = try words.texts(in: graph)
            return (
                model.attention(texts, workers: words.workers),
                try model.probabilities(texts, workers: words.workers)
            )
        }
        let base = try outputs(1)
        var columns: [[Double]] = []
        for seed in [5, 6] as [UInt64] {
            let other = try outputs(seed)
            let divergences = zip(base.attention, other.attention).map {
                jensenShannon($0.map { Double($0) }, $1.map { Double($0) })
            }
            let distances = zip(base.probabilities, other.probabilities).map {
                abs($0[1] - $1[1])
            }
            let entry = try #require(summary["seeds"]?["\(seed)"])
            expect(entry["mean_jsd"], mean(divergences), within: 1e-6)
            expect(entry["median_jsd"], median(divergences), within: 1e-6)
            expect(entry["mean_tvd_two_class"], mean(distances))
            columns.append(divergences)
        }
        for (number, text) in texts.enumerated() {
            expect(text["median_jsd"], median(columns.map { $0[number] }), within: 1e-6)
        }
        #expect(columns[0].contains { $0 > 1e-4 } && columns[0] != columns[1])
    }

    @Test func equalWeightsAreComparedTextByText() throws {
        let (summary, texts) = try result("uniform")
        let words = try TinySubject().words()
        let graph = StageGraph(remembering: DiagnosticMemory.stages)
        let base = try graph.output(of: words.run.with { $0.seed = 5 }.model).model
            .probabilities(words.texts(in: graph), workers: words.workers)
        let runs = try #require(summary["runs"]?.array)
        #expect(runs.compactMap { $0["seed"]?.string } == ["5", "6"])
        var distances: [Double] = []
        for text in texts {
            let (own, uniform) = (
                try numbers(text["probabilities"]), try numbers(text["uniform_probabilities"])
            )
            distances.append(abs(own[0] - uniform[0]))
            expect(.number(own[0]), base[distances.count - 1][0])
            expect(text["tvd"], distances.last ?? 0)
        }
        expect(runs[0]["tvd"]?["mean"], mean(distances))
        let losses = try runs.map {
            try number($0["base"]?["f1_positive"]) - number($0["uniform"]?["f1_positive"])
        }
        expect(summary["f1_loss"]?["mean"], mean(losses))
        // One word has all of the weight, under both.
        let single = try #require(texts.first { $0["words"]?.integer == 1 })
        expect(single["jsd_to_uniform"], 0, within: 1e-6)
    }

    @Test func guidesAreScoredByTheirPredictions() throws {
        let (summary, texts) = try result("guide")
        let guides = try #require(summary["guides"]?.object)
        #expect(Set(guides.keys) == ["uniform", "own", "base", "adversary 0", "adversary 0.01"])
        for (name, guide) in guides {
            var (hits, predicted, actual) = (0.0, 0.0, 0.0)
            for text in texts {
                let probabilities = try numbers(text["probabilities \(name)"])
                let isPredicted = probabilities[1] > probabilities[0]
                let isActual = text["label"]?.integer == 1
                hits += isPredicted && isActual ? 1 : 0
                predicted += isPredicted ? 1 : 0
                actual += isActual ? 1 : 0
            }
            expect(
                guide["test"]?["f1_positive"],
                predicted + actual == 0 ? 0 : 2 * hits / (predicted + actual))
        }
    }

    @Test func theDivergencePlotHasAPointForEachModel() throws {
        let (summary, texts) = try result("divergence")
        for (lambda, entry) in try #require(summary["adversaries"]?.object) {
            expect(
                entry["mean_jsd"], mean(try texts.map { try number($0["jsd"]?[lambda]) }))
            expect(
                entry["mean_tvd_two_class"],
                mean(try texts.map { try number($0["tvd"]?[lambda]) }))
        }
        #expect(summary["adversaries"]?.object.map { Set($0.keys) } == ["0", "0.01"])
        #expect(summary["seeds"]?.object.map { Set($0.keys) } == ["5", "6"])
        #expect(summary["by_text"]?["n"]?.integer == 9)
    }
}
