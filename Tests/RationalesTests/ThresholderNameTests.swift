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
        let thresholder = try name.thresholder(ratio: 0.2)
        #expect(thresholder.name == name.rawValue)
        #expect(thresholder.select([0.5, 0.1, 0.1, 0.1, 0.1]) == [0])
    }

    @Test func aRatioAloneDoesNotMakeTheOthers() {
        #expect(throws: ThresholderError.notTaken(.ratio, .topP)) {
            try ThresholderName.topP.thresholder(ratio: 0.2)
        }
        #expect(throws: ThresholderError.notTaken(.ratio, .threshold)) {
            try ThresholderName.threshold.thresholder(ratio: 0.2)
        }
        #expect(throws: ThresholderError.notCalibrated(.globalTopK)) {
            try ThresholderName.globalTopK.thresholder(ratio: 0.2)
        }
    }

    @Test func anUnknownNameIsAnErrorThatListsTheKnownOnes() {
        let error = #expect(throws: ThresholderError.self) { try ThresholderName(named: "topk") }
        #expect(
            error?.description
                == #"unknown thresholder "topk"; choose one of: top-k, contiguous, top-p, "#
                + "sentences, global-top-k, global-contiguous, threshold")
    }

    @Test(arguments: [0, -0.1, 1.01, .nan, .infinity])
    func aRatioOutOfRangeIsAnError(ratio: Double) {
        let error = #expect(throws: ThresholderError.self) {
            try ThresholderName.topK.thresholder(ratio: ratio)
        }
        #expect(error?.description.contains("\(ratio)") == true)
    }
}
