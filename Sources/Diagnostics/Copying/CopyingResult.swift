/// A model's quality after some steps, on fresh texts.
package struct CopyingPoint: Sendable, Hashable, Codable {
    /// How many steps came before.
    package var step: Int
    /// The mean loss of the last step's batch; nil before the first.
    package var trainingLoss: Double?
    /// The share of words, the end symbol included, that are the most likely ones where the true words
    /// before them are given.
    package var accuracy: Double
    /// The share of symbols at which attention is largest at the position that is copied.
    package var attentionAccuracy: Double
    /// The share at which it is largest there or at a neighbour.
    package var attentionAccuracyWithinOne: Double
    /// The share at which output relevance is largest at a position with the symbol that is copied, which
    /// may stand in several; nil where it was not measured.
    package var relevanceAccuracy: Double?

    /// A point whose numbers are given.
    package init(
        step: Int, trainingLoss: Double? = nil, accuracy: Double, attentionAccuracy: Double,
        attentionAccuracyWithinOne: Double, relevanceAccuracy: Double? = nil
    ) {
        self.step = step
        self.trainingLoss = trainingLoss
        self.accuracy = accuracy
        self.attentionAccuracy = attentionAccuracy
        self.attentionAccuracyWithinOne = attentionAccuracyWithinOne
        self.relevanceAccuracy = relevanceAccuracy
    }
}

/// One model's training.
package struct CopyingRun: Sendable, Hashable, Codable {
    /// Whether a model has learned to copy, by its accuracy at the end.
    package enum Outcome: String, Sendable, Codable {
        /// Above 0.95.
        case success
        /// Neither.
        case between
        /// Below 0.6.
        case failure
    }

    /// Of the initial values and the texts.
    package var seed: UInt64
    /// From before the first step to the end.
    package var curve: [CopyingPoint]
    /// What co-occurrence alone gives: the share of symbols for which the dictionary that was trained
    /// on the same texts (`TranslationDictionary`) has the symbol itself as the source word of largest
    /// output relevance.
    package var dictionaryAccuracy: Double

    /// A run whose curve is given.
    package init(seed: UInt64, curve: [CopyingPoint], dictionaryAccuracy: Double) {
        self.seed = seed
        self.curve = curve
        self.dictionaryAccuracy = dictionaryAccuracy
    }

    /// The accuracy at the end.
    package var accuracy: Double { curve.last?.accuracy ?? 0 }
    /// How it went, with the thresholds of the authors' script for several heads.
    package var outcome: Outcome {
        accuracy > 0.95 ? .success : accuracy < 0.6 ? .failure : .between
    }
}

/// Trainings of several seeds.
package struct CopyingResult: Sendable, Hashable, Codable {
    /// How they were done.
    package var options: CopyingOptions
    /// One for each seed.
    package var runs: [CopyingRun]

    /// The runs of these options.
    package init(options: CopyingOptions, runs: [CopyingRun]) {
        self.options = options
        self.runs = runs
    }

    /// How many ended so.
    package func count(_ outcome: CopyingRun.Outcome) -> Int {
        runs.count { $0.outcome == outcome }
    }
}
