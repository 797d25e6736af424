import Rationales
import Testing

@Suite struct ThresholderNameTests {
    @Test(arguments: ThresholderName.allCases)
    func aThresholderIsFoundUnderItsOwnName(name: ThresholderName) throws {
        let found = try ThresholderName(named: name.rawValue)
        #expect(found == name)
        #expect(try anyThresholder(found).name == name.rawValue)
    }

    @Test(arguments: [ThresholderName.topK, .contiguous, .sentences])
    func aRatioAloneMakesAThresholderWithABudget(name: ThresholderName) throws {
        let thresholder = try ThresholderSettings(name, ratio: 0.2).thresholder()
        #expect(thresholder.name == name.rawValue)
        #expect(thresholder.select([0.5, 0.1, 0.1, 0.1, 0.1]) == [0])
    }

    @Test func aRatioAloneDoesNotMakeTheOthers() {
        #expect(throws: ThresholderError.notTaken(.ratio, .topP)) {
            try ThresholderSettings(.topP, ratio: 0.2).thresholder()
        }
        #expect(throws: ThresholderError.notTaken(.ratio, .threshold)) {
            try ThresholderSettings(.threshold, ratio: 0.2).thresholder()
        }
        #expect(throws: ThresholderError.notCalibrated(.globalTopK)) {
            try ThresholderSettings(.globalTopK, ratio: 0.2).thresholder()
        }
    }

    @Test func anUnknownNameIsAnErrorThatListsTheKnownOnes() {
        let error = #expect(throws: ThresholderError.self) { try ThresholderName(named: "topk") }
        let message = error?.description ?? ""
        #expect(message.hasPrefix(#"unknown thresholder "topk"; choose one of: top-k, contiguous"#))
        for name in ThresholderName.allCases { #expect(message.contains(name.rawValue)) }
    }

    @Test(arguments: [0, -0.1, 1.01, .nan, .infinity])
    func aRatioOutOfRangeIsAnError(ratio: Double) {
        let error = #expect(throws: ThresholderError.self) {
            try ThresholderSettings(.topK, ratio: ratio).thresholder()
        }
        #expect(error?.description.contains("\(ratio)") == true)
    }
}
