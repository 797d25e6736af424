import Models

/// What a trained model scored, as a store keeps it.
package struct StageScores: Codable, Sendable, Equatable {
    package let dev: TrainingRecord.Score
    package let test: TrainingRecord.Score?
    package let bestEpoch: Int
    /// The test documents' classes.
    package let testLabels: [Int]
    /// The test documents' logits.
    package let testLogits: [[Float]]
    /// The time that training took when it was done.
    package let seconds: Double
    /// The digest of the model's files, where it is kept.
    package var modelDigest: String?

    /// Scores from their parts.
    package init(
        dev: TrainingRecord.Score, test: TrainingRecord.Score?, bestEpoch: Int,
        testLabels: [Int], testLogits: [[Float]], seconds: Double
    ) {
        self.dev = dev
        self.test = test
        self.bestEpoch = bestEpoch
        self.testLabels = testLabels
        self.testLogits = testLogits
        self.seconds = seconds
    }

    enum CodingKeys: String, CodingKey {
        case dev, test, seconds
        case bestEpoch = "best_epoch"
        case testLabels = "test_labels"
        case testLogits = "test_logits"
        case modelDigest = "model_digest"
    }

    /// What the training record says of the model.
    package var record: TrainingRecord.Scores { .init(bestEpoch: bestEpoch, dev: dev, test: test) }

    /// The predicted classes of the test documents.
    package var testPredictions: [Int] { testLogits.map(\.indexOfLargest) }

    /// Whether the counts agree, classes are known, and figures lie where they can: files may have
    /// been altered.
    ///
    /// - Parameter classes: how many classes there are.
    package func isConsistent(classes: Int) -> Bool {
        hasSense(dev, test, bestEpoch: bestEpoch, seconds: seconds)
            && testLabels.count == (test?.documents ?? 0)
            && testLabels.allSatisfy((0..<classes).contains)
            && testLogits.count == testLabels.count
            && testLogits.allSatisfy { $0.count == classes }
    }
}

/// Whether a model's figures lie where they can.
package func hasSense(
    _ dev: TrainingRecord.Score, _ test: TrainingRecord.Score?, bestEpoch: Int, seconds: Double
) -> Bool {
    [dev, test].compactMap { $0 }.allSatisfy {
        isShare($0.macroF1) && isShare($0.accuracy) && $0.documents > 0
    } && bestEpoch > 0 && seconds >= 0
}

/// Whether a figure lies from 0 to 1, but for the rounding of sums.
package func isShare(_ figure: Double) -> Bool { (-1e-9...(1 + 1e-9)).contains(figure) }
