/// What a classifier made of the test texts after some steps.
package struct RelevanceCheckpoint: Sendable, Hashable, Codable {
    /// How many steps came before.
    package var step: Int
    /// The mean loss of the last step's batch; nil before the first.
    package var trainingLoss: Double?
    /// The share of test texts that are classified rightly.
    package var accuracy: Double
    /// α of each text's positions.
    package var attention: [[Float]]
    /// β of each text's positions, towards class 1.
    package var relevance: [[Float]]

    /// A checkpoint whose numbers are given.
    package init(
        step: Int, trainingLoss: Double? = nil, accuracy: Double, attention: [[Float]],
        relevance: [[Float]]
    ) {
        self.step = step
        self.trainingLoss = trainingLoss
        self.accuracy = accuracy
        self.attention = attention
        self.relevance = relevance
    }
}

/// One classifier's training.
package struct RelevanceRun: Sendable, Hashable, Codable {
    /// Of the initial values and the order of texts.
    package var seed: UInt64
    /// Whether attention has the same weight at every position.
    package var isUniform: Bool
    /// From before the first step to the end.
    package var checkpoints: [RelevanceCheckpoint]
    /// Δ of each text's positions at the best checkpoint, towards the right class; nil where it was not
    /// measured.
    package var influence: [[Float]]?

    /// A run whose checkpoints are given.
    package init(
        seed: UInt64, isUniform: Bool, checkpoints: [RelevanceCheckpoint],
        influence: [[Float]]? = nil
    ) {
        self.seed = seed
        self.isUniform = isUniform
        self.checkpoints = checkpoints
        self.influence = influence
    }

    /// The checkpoint of the highest accuracy, the first of equal ones; nil without checkpoints.
    package var best: RelevanceCheckpoint? {
        checkpoints.reduce(nil) { best, next in
            best.map { $0.accuracy >= next.accuracy ? $0 : next } ?? next
        }
    }
}
