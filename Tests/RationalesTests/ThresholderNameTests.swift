import Rationales
import Testing

@Suite struct ThresholderNameTests {
    @Test(arguments: ThresholderName.allCases)
    func aThresholderIsFoundUnderItsOwnName(name: ThresholderName) throws {
        let thresholder = try ThresholderName(named: name.rawValue).thresholder(ratio: 0.2)
        #expect(thresholder.name == name.rawValue)
        #expect(thresholder.select([0.5, 0.1, 0.1, 0.1, 0.1]) == [0])
    }

    @Test func anUnknownNameIsAnErrorThatListsTheKnownOnes() {
        let error = #expect(throws: ThresholderError.self) { try ThresholderName(named: "topk") }
        #expect(
            error?.description == #"unknown thresholder "topk"; choose one of: top-k, contiguous"#)
    }

    @Test(arguments: [0, -0.1, 1.01, .nan, .infinity])
    func aRatioOutOfRangeIsAnError(ratio: Double) {
        let error = #expect(throws: ThresholderError.self) {
            try ThresholderName.topK.thresholder(ratio: ratio)
        }
        #expect(error?.description.contains("\(ratio)") == true)
    }
}
