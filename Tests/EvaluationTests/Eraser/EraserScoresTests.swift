import Foundation
import TestSupport
import Testing
import Warrant

@Suite struct EraserScoresTests {
    let sample: EraserSample

    init() throws { sample = try EraserSample() }

    @Test func agreementByHand() throws {
        let scores = try sample.split().score(sample.results)
        #expect(scores.annotations == 3 && scores.withoutEvidence == 1)
        // Documents: one/one human 1..<3, predicted 2..<4; pair/two 0..<2 both; pair/one human
        // 4..<6, predicted 0..<1. The annotation without evidence does not count.
        // Tokens shared / predicted / human: 1/2/2, 2/2/2, 0/1/2.
        let tokens = try #require(scores.tokens)
        #expect(tokens.micro == PrecisionRecall(hits: 3, predicted: 5, gold: 6))
        #expect(tokens.macro.precision == 0.5 && tokens.macro.recall == 0.5)
        let spans = try #require(scores.spans)
        #expect(spans.micro == PrecisionRecall(hits: 1, predicted: 3, gold: 3))
        // The first pair shares 1 of 3 tokens: no hit.
        #expect(scores.overlap?.micro == spans.micro)
    }

    @Test func rankingByHand() throws {
        let scores = try sample.split().score(sample.results)
        // one/one: true 0,1,1,0,0,0 with scores 0,.5,.5,.25,0,0: in order, 1. pair/two: 1.
        // pair/one: one group, 2 of 6 true: average precision 1/3, and half the area.
        let tokens = try #require(scores.tokenRanking)
        let expected = (1 + 1 + 1.0 / 3) / 3
        #expect(abs(try #require(tokens.averagePrecision) - expected) < 1e-15)
        #expect(abs(try #require(tokens.receiverOperatingArea) - 2.5 / 3) < 1e-15)
        // Sentences: in order, in order, tied with 1 of 2 true.
        let sentences = try #require(scores.sentenceRanking)
        #expect(abs(try #require(sentences.averagePrecision) - 2.5 / 3) < 1e-15)
    }

    @Test func classificationAndFaithfulnessByHand() throws {
        let scores = try #require(try sample.split().score(sample.results).classification)
        #expect(scores.labels == ["NEG", "POS"])
        // True NEG, POS, POS; predicted NEG, NEG, POS.
        #expect(scores.metrics.confusion == [[1, 0], [1, 1]])
        // Drops to 0.5 of the predicted class: 0.25, 0, 0.25.
        #expect(abs(try #require(scores.comprehensiveness?.drop) - 0.5 / 3) < 1e-15)
        #expect(scores.sufficiency?.drop == 0 && scores.sufficiency?.divergence == 0)
        #expect(scores.comprehensivenessCurve?.points.count == 5)
        #expect(abs(try #require(scores.comprehensivenessCurve?.area) - 0.5 / 3) < 1e-15)
        #expect(scores.sufficiencyCurve?.area == 0)
    }

    @Test func theOrderOfResultsDoesNotMatter() throws {
        let split = try sample.split()
        var reversed = Array(sample.results.reversed())
        for index in reversed.indices { reversed[index].rationales.reverse() }
        let (first, second) = (try split.score(sample.results), try split.score(reversed))
        #expect(first.tokens == second.tokens && first.overlap == second.overlap)
        #expect(first.classification == second.classification)
        // Means over documents in another order.
        let areas = [first, second].compactMap { $0.tokenRanking?.precisionRecallArea }
        #expect(areas.count == 2 && abs(areas[0] - areas[1]) < 1e-15)
    }

    @Test func whatIsNotGivenIsNotScored() throws {
        let results = sample.results.map {
            EraserResult(
                annotationID: $0.annotationID, rationales: [],
                classification: $0.classification, classificationScores: $0.classificationScores)
        }
        let scores = try sample.split().score(results)
        #expect(scores.tokens == nil && scores.overlap == nil && scores.tokenRanking == nil)
        let json = scores.json.write()
        #expect(json.hasPrefix(#"{"classification_scores":{"accuracy":0.66"#))
        #expect(json.contains(#""comprehensiveness_aopc_points":null"#))
        #expect(!json.contains("token_prf"))

        let bare = sample.results.map {
            EraserResult(annotationID: $0.annotationID, rationales: $0.rationales)
        }
        let agreement = try sample.split().score(bare)
        #expect(agreement.classification == nil && agreement.tokens != nil)
    }

    @Test func aDivergenceWithoutEndIsNoNumber() throws {
        var results = sample.results
        for index in results.indices {
            results[index].classificationScores = ["NEG": 1, "POS": 0]
        }
        let json = try sample.split().score(results).json.write()
        #expect(json.contains(#""comprehensiveness_kl":null"#))
    }
}

/// ERASER's own figures for the result file beside the package.
@Suite struct EraserParityTests {
    private static let shared = Outside.shared.path

    private static var areThere: Bool {
        ["/reference/eraser/movies_val_scores.json", "/data/movies/docs"].allSatisfy {
            FileManager.default.fileExists(atPath: shared + $0)
        }
    }

    @Test(
        .enabled(if: areThere, "the folders ../shared/reference and ../shared/data are not there"))
    func everyFigureIsThatOfMetricsPy() throws {
        let reference = Self.shared + "/reference/eraser"
        let split = try EraserSplit(
            annotations: reference + "/movies_val_annotations.jsonl",
            documents: Self.shared + "/data/movies/docs")
        let results = try EraserResult.read(path: reference + "/movies_val_predictions.jsonl")
        let scores = try split.score(results, requiresClassification: true)
        let measured = try figures(Data(scores.json.write().utf8))
        let recorded = try figures(
            Data(contentsOf: URL(fileURLWithPath: reference + "/movies_val_scores.json")))
        #expect(Set(measured.keys) == Set(recorded.keys))
        #expect(recorded.count == 63)
        for (key, value) in recorded {
            // Sums in another order; the figures are ratios of at most a few thousand counts.
            #expect(abs(try #require(measured[key]) - value) < 1e-9, "\(key)")
        }
    }

    /// Each number by its path.
    private func figures(_ json: Data) throws -> [String: Double] {
        var figures: [String: Double] = [:]
        func add(_ value: Any, _ path: String) {
            if let object = value as? [String: Any] {
                for (key, value) in object { add(value, path + "/" + key) }
            } else if let array = value as? [Any] {
                for (index, value) in array.enumerated() { add(value, path + "/\(index)") }
            } else {
                figures[path] = (value as? NSNumber)?.doubleValue ?? .nan
            }
        }
        add(try JSONSerialization.jsonObject(with: json), "")
        return figures
    }
}
