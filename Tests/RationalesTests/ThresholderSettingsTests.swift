import Rationales
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct ThresholderSettingsTests {
    @Test func theDefaultIsTopKOfAFifth() throws {
        #expect(ThresholderSettings() == ThresholderSettings(.topK, ratio: 0.2))
        #expect(try ThresholderSettings().thresholder() as? TopK == TopK(ratio: 0.2))
        #expect(ThresholderSettings(.globalTopK).minimum == 1)
        #expect(ThresholderSettings(.globalTopK).ratio == 0.2)
        #expect(ThresholderSettings(.topK, words: 3).ratio == nil)
        #expect(ThresholderSettings(.topP, mass: 0.5).ratio == nil)
    }

    @Test func makeEachThresholderWithItsParameters() throws {
        let scores: [[Float]] = [[0.5, 0.25, 0.25], [0.25, 0.75]]
        func made(_ settings: ThresholderSettings) throws -> any Thresholder {
            try settings.thresholder()
        }
        #expect(try made(.init(.topK, words: 3)) as? TopK == TopK(words: 3))
        #expect(try made(.init(.contiguous, words: 3)) as? Contiguous == Contiguous(words: 3))
        #expect(try made(.init(.contiguous, ratio: 0.5)) as? Contiguous == Contiguous(ratio: 0.5))
        #expect(try made(.init(.sentences, words: 3)) as? Sentences == Sentences(words: 3))
        #expect(try made(.init(.topP, mass: 0.5)) as? TopP == TopP(mass: 0.5))
        #expect(try made(.init(.threshold, cutOff: 0.1)) as? Threshold == Threshold(cutOff: 0.1))
        #expect(
            try made(.init(.globalTopK, ratio: 0.4, minimum: 1).calibrated(on: scores))
                as? GlobalTopK == .calibrated(on: scores, ratio: 0.4, minimum: 1))
        #expect(
            try made(.init(.globalContiguous, ratio: 0.4, minimum: 1).calibrated(on: scores))
                as? GlobalContiguous == .calibrated(on: scores, ratio: 0.4, minimum: 1))
    }

    @Test(arguments: ThresholderName.allCases)
    func onlyAGlobalBudgetNeedsCalibration(_ name: ThresholderName) throws {
        let isGlobal = name == .globalTopK || name == .globalContiguous
        let settings =
            switch name {
            case .topP: ThresholderSettings(name, mass: 0.5)
            case .threshold: ThresholderSettings(name, cutOff: 0.1)
            default: ThresholderSettings(name)
            }
        #expect(settings.needsCalibration == isGlobal)
        let calibrated = try settings.calibrated(on: [[0.5, 0.25, 0.25]])
        #expect(!calibrated.needsCalibration)
        #expect((calibrated == settings) == !isGlobal)
        #expect(try calibrated.thresholder().name == name.rawValue)
        // A cut-off that is there stays.
        #expect(try calibrated.calibrated(on: [[1, 0]]) == calibrated)
    }

    @Test func surviveBeingWrittenAndRead() throws {
        let scores: [[Float]] = [[0.1, 0.3, 0.2, 0.3, 0.1], [0.7, 0.2, 0.1]]
        let settings = [
            ThresholderSettings(), .init(.sentences, words: 12), .init(.topP, mass: 0.3),
            try ThresholderSettings(.globalContiguous, ratio: 0.3).calibrated(on: scores),
            try ThresholderSettings(.globalTopK, ratio: 0.01, minimum: 3).calibrated(on: scores),
        ]
        for settings in settings {
            let data = try JSONEncoder().encode(settings)
            #expect(try JSONDecoder().decode(ThresholderSettings.self, from: data) == settings)
        }
    }

    @Test func keysAreThoseOfTheModelFolder() throws {
        func read(_ json: String) throws -> ThresholderSettings {
            try JSONDecoder().decode(ThresholderSettings.self, from: Data(json.utf8))
        }
        #expect(
            try read(#"{"thresholder": "top-k", "ratio": 0.2, "labels": ["a"]}"#)
                == ThresholderSettings())
        let global = #"""
            {"thresholder": "global-top-k", "ratio": 0.3, "cut_off": 1.5, "minimum_words": 2}
            """#
        #expect(
            try read(global)
                == ThresholderSettings(.globalTopK, ratio: 0.3, cutOff: 1.5, minimum: 2))
        #expect(throws: ThresholderError.unknownName("magic")) {
            try read(#"{"thresholder": "magic", "ratio": 0.2}"#)
        }
        // What is missing in a file is not filled in.
        #expect(throws: ThresholderError.missing([.ratio, .words], .topK)) {
            try read(#"{"thresholder": "top-k"}"#).thresholder()
        }
        #expect(throws: ThresholderError.missing([.minimumWords], .globalTopK)) {
            try read(#"{"thresholder": "global-top-k", "cut_off": 1}"#).thresholder()
        }
        #expect(throws: DecodingError.self) {
            try read(#"{"thresholder": "top-k", "words": 1.5}"#)
        }
    }

    static let wrong: [(ThresholderSettings, ThresholderError)] = [
        (.init(.topK, ratio: 0), .outOfRange(.ratio, value: "0.0")),
        (.init(.topK, ratio: .nan), .outOfRange(.ratio, value: "nan")),
        (.init(.contiguous, words: 0), .outOfRange(.words, value: "0")),
        (.init(.sentences, ratio: 0.2, words: 4), .twoBudgets(.sentences)),
        (.init(.topP), .missing([.mass], .topP)),
        (.init(.topP, mass: 1.5), .outOfRange(.mass, value: "1.5")),
        (.init(.topP, ratio: 0.5, mass: 0.5), .notTaken(.ratio, .topP)),
        (.init(.topK, mass: 0.5), .notTaken(.mass, .topK)),
        (.init(.topK, minimum: 2), .notTaken(.minimumWords, .topK)),
        (.init(.threshold), .missing([.cutOff], .threshold)),
        (.init(.threshold, cutOff: 1.5), .outOfRange(.cutOff, value: "1.5")),
        (.init(.threshold, cutOff: .nan), .outOfRange(.cutOff, value: "nan")),
        (.init(.globalTopK, words: 3), .notTaken(.words, .globalTopK)),
        (.init(.globalTopK, minimum: 0), .outOfRange(.minimumWords, value: "0")),
        (.init(.globalContiguous, cutOff: .infinity), .outOfRange(.cutOff, value: "inf")),
    ]

    @Test(arguments: wrong)
    func whatIsWrongIsNamed(_ settings: ThresholderSettings, _ error: ThresholderError) {
        #expect(throws: error) { try settings.validate() }
        #expect(throws: error) { try settings.thresholder() }
        #expect(throws: error) { try settings.calibrated(on: [[1]]) }
        #expect(!error.description.contains("\n"))
    }

    @Test func whatIsAskedForHasEitherARatioOrACutOff() throws {
        for name in [ThresholderName.globalTopK, .globalContiguous] {
            let both = ThresholderSettings(name, ratio: 0.2, cutOff: 1.5)
            try both.validate()
            #expect(throws: ThresholderError.ratioAndCutOff(name)) { try both.validateRequest() }
            try ThresholderSettings(name, ratio: 0.2).validateRequest()
            try ThresholderSettings(name, cutOff: 1.5).validateRequest()
        }
        #expect(throws: ThresholderError.missing([.mass], .topP)) {
            try ThresholderSettings(.topP).validateRequest()
        }
    }

    @Test func messagesSayWhatToGive() {
        #expect(
            ThresholderError.notTaken(.words, .globalTopK).description
                == "the thresholder global-top-k takes no words; "
                + "it takes: ratio, cut-off, minimum-words")
        #expect(
            ThresholderError.missing([.ratio, .words], .topK).description
                == "the thresholder top-k needs ratio or words, which is not given")
        #expect(
            ThresholderError.outOfRange(.mass, value: "2.0").description
                == "the mass is 2.0; give the share of the saliency to keep, above 0 and at most 1")
    }

    @Test func aGlobalBudgetWithoutACutOffMakesNoThresholder() {
        #expect(throws: ThresholderError.notCalibrated(.globalContiguous)) {
            try ThresholderSettings(.globalContiguous, ratio: 0.2).thresholder()
        }
    }
}
