import Tensors

/// All of it: the runs, the models of words, and what they say together.
package enum RelevanceExperiment {
    /// Trains all models and compares them.
    ///
    /// - Parameters:
    ///   - development: by it the bag of embeddings' epoch is chosen.
    ///   - progress: is called after every checkpoint of every run.
    /// - Returns: nil without seeds or test texts.
    package static func run(
        _ options: RelevanceOptions, training: RelevanceTexts, development: RelevanceTexts,
        test: RelevanceTexts, workers: Workers,
        progress: (RelevanceTraining.Progress) -> Void = { _ in }
    ) -> RelevanceSummary? {
        guard let first = options.seeds.first else { return nil }
        func train(_ seed: UInt64, isUniform: Bool = false, influence: Bool = false)
            -> RelevanceRun
        {
            RelevanceTraining.run(
                options, seed: seed, isUniform: isUniform, measuresInfluence: influence,
                training: training, test: test, workers: workers, progress: progress)
        }
        let bag = WordRelevance.bagOfEmbeddings(
            options.words, vocabularySize: options.vocabularySize, training: training,
            development: development, workers: workers)
        let regression = WordRelevance.logisticRegression(
            options.words, vocabularySize: options.vocabularySize, training: training)
        return RelevanceSummary(
            main: train(first, influence: true),
            others: options.seeds.dropFirst().map { train($0) },
            uniform: train(options.uniformSeed, isUniform: true), words: (bag, regression),
            test: test)
    }
}
