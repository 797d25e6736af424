import Models

/// What stages keep as a file. Files may have been altered since: a value is used only when its parts
/// agree.
package protocol StageValue: Codable, Sendable {
    /// Whether the counts agree, classes are known, and figures lie where they can.
    ///
    /// - Parameter classes: how many classes there are.
    func isConsistent(classes: Int) -> Bool
}

/// What a trained model scored, as a stage keeps it.
package struct StageScores: StageValue, Equatable {
    let dev: TrainingRecord.Score
    let test: TrainingRecord.Score?
    let bestEpoch: Int
    /// The test documents' classes.
    let testLabels: [Int]
    /// The test documents' logits.
    let testLogits: [[Float]]
    /// The time that training took when it was done.
    let seconds: Double
    /// The digest of the model's files, where it is kept.
    package var modelDigest: String?

    enum CodingKeys: String, CodingKey {
        case dev, test, seconds
        case bestEpoch = "best_epoch"
        case testLabels = "test_labels"
        case testLogits = "test_logits"
        case modelDigest = "model_digest"
    }

    package func isConsistent(classes: Int) -> Bool {
        hasSense(dev, test, bestEpoch: bestEpoch, seconds: seconds)
            && testLabels.count == (test?.documents ?? 0)
            && testLabels.allSatisfy((0..<classes).contains)
            && testLogits.count == testLabels.count
            && testLogits.allSatisfy { $0.count == classes }
    }
}

extension ExperimentResult {
    /// What a cell keeps; it is the same whatever the data set is called.
    package struct Outcome: StageValue {
        let dev: TrainingRecord.Score
        let test: TrainingRecord.Score?
        let bestEpoch: Int
        let rationaleShare: Double
        let plausibility: PlausibilityFigures?
        let testLabels: [Int]
        let testPredictions: [Int]
        let seconds: Double

        enum CodingKeys: String, CodingKey {
            case dev, test, plausibility, seconds
            case bestEpoch = "best_epoch"
            case rationaleShare = "rationale_share"
            case testLabels = "test_labels"
            case testPredictions = "test_predictions"
        }

        package func isConsistent(classes: Int) -> Bool {
            hasSense(dev, test, bestEpoch: bestEpoch, seconds: seconds)
                && isShare(rationaleShare)
                && (plausibility?.figures ?? []).compactMap(\.value).allSatisfy(isShare)
                && testLabels.count == (test?.documents ?? 0)
                && testPredictions.count == testLabels.count
                && (testLabels + testPredictions).allSatisfy((0..<classes).contains)
        }
    }
}

private func hasSense(
    _ dev: TrainingRecord.Score, _ test: TrainingRecord.Score?, bestEpoch: Int, seconds: Double
) -> Bool {
    [dev, test].compactMap { $0 }.allSatisfy {
        isShare($0.macroF1) && isShare($0.accuracy) && $0.documents > 0
    } && bestEpoch > 0 && seconds >= 0
}

/// Whether a figure lies from 0 to 1, but for the rounding of sums.
private func isShare(_ figure: Double) -> Bool { (-1e-9...(1 + 1e-9)).contains(figure) }
