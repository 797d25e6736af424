/// What is compared with what: the first ranks what matters, at its maximum the second is read.
package enum RelevanceComparison: String, Sendable, Hashable, Codable, CaseIterable {
    /// A's attention, and output relevance under uniform attention: A(α, β^uf).
    case attention
    /// A bag of embeddings, and output relevance under uniform attention: A(β^px, β^uf).
    case bagOfEmbeddings = "bag-of-embeddings"
    /// A logistic regression on word frequencies in its place.
    case logisticRegression = "logistic-regression"
    /// A's influence, and output relevance under uniform attention: A(Δ, β^uf).
    case influence
    /// A's attention and A's own output relevance: A(α, β).
    case ownRelevance = "own-relevance"
}

/// How well trained other models are when their attention agrees with A's to the same degree: ξ.
package struct TrainedAccuracy: Sendable, Hashable, Codable {
    /// The mean accuracy of those runs at the first checkpoint at which A(α_A, α_run) exceeds the value.
    package var accuracy: Double
    /// The mean of these checkpoints' steps.
    package var step: Double
    /// How many runs exceed it at all; the means are over these.
    package var runs: Int

    /// Means that are given.
    package init(accuracy: Double, step: Double, runs: Int) {
        self.accuracy = accuracy
        self.step = step
        self.runs = runs
    }
}

/// One agreement, and what it is to be measured against.
package struct RelevanceAgreementResult: Sendable, Hashable, Codable {
    /// Of what.
    package var comparison: RelevanceComparison
    /// A, the largest over the checkpoints of the run that the second ranking is from.
    package var agreement: Double
    /// The first checkpoint at which it is that large.
    package var step: Int
    /// Â there: the second ranking shuffled.
    package var baseline: Double
    /// The mean τ-b there; nil where it is undefined.
    package var kendall: Double?
    /// ξ(A); nil where no run exceeds it.
    package var trainedAccuracy: TrainedAccuracy?
}

/// How far another run's attention agrees with A's after some steps.
package struct AttentionAgreementPoint: Sendable, Hashable, Codable {
    /// How many steps came before.
    package var step: Int
    /// A(α_A, α_run).
    package var agreement: Double
    /// The run's accuracy.
    package var accuracy: Double

    /// A point whose numbers are given.
    package init(step: Int, agreement: Double, accuracy: Double) {
        self.step = step
        self.agreement = agreement
        self.accuracy = accuracy
    }
}

/// The agreement of one run's attention with A's, over its training.
package struct AttentionAgreementCurve: Sendable, Hashable, Codable {
    /// The run's.
    package var seed: UInt64
    /// From before the first step to the end.
    package var points: [AttentionAgreementPoint]

    /// A curve whose points are given.
    package init(seed: UInt64, points: [AttentionAgreementPoint]) {
        self.seed = seed
        self.points = points
    }
}

/// Whether attention comes to look like an explanation because words' output relevance is learned
/// first (Snell et al. 2021, section 3): β^uf agrees with α far above Â, and a model whose attention
/// agrees with A's as much as β^uf does is far from trained.
package struct RelevanceSummary: Sendable, Hashable, Codable {
    /// The agreements, in the order of `RelevanceComparison`.
    package var agreements: [RelevanceAgreementResult]
    /// ξ*: the accuracy of A at its best checkpoint.
    package var bestAccuracy: Double
    /// The step of that checkpoint.
    package var bestStep: Int
    /// Of the other runs, in their order.
    package var curves: [AttentionAgreementCurve]

    /// Compares runs.
    ///
    /// - Parameters:
    ///   - main: A, with influence.
    ///   - others: B to F, with learned attention.
    ///   - uniform: the run with uniform attention.
    ///   - words: the relevance of each word by id, of the bag of embeddings and of the logistic
    ///     regression.
    ///   - test: the texts that all runs read.
    /// - Returns: nil where a run has no checkpoint, or there are no texts.
    package init?(
        main: RelevanceRun, others: [RelevanceRun], uniform: RelevanceRun,
        words: (bag: [Double], regression: [Double]), test: RelevanceTexts
    ) {
        guard let best = main.best else { return nil }
        let attention = best.attention.map { $0.map { Double($0) } }
        (bestAccuracy, bestStep) = (best.accuracy, best.step)
        curves = others.map { AttentionAgreementCurve(of: $0, with: attention) }
        agreements = []
        for comparison in RelevanceComparison.allCases {
            let first: [[Double]]?
            switch comparison {
            case .attention, .ownRelevance: first = attention
            case .bagOfEmbeddings: first = test.signed(words: words.bag)
            case .logisticRegression: first = test.signed(words: words.regression)
            // It is taken of the loss, so it is towards the right class already.
            case .influence: first = main.influence?.map { $0.map { Double($0) } }
            }
            guard let first,
                let result = Self.result(
                    comparison, first, comparison == .ownRelevance ? main : uniform, curves, test)
            else { continue }
            agreements.append(result)
        }
        guard !agreements.isEmpty else { return nil }
    }

    /// The largest agreement over a run's checkpoints.
    private static func result(
        _ comparison: RelevanceComparison, _ first: [[Double]], _ run: RelevanceRun,
        _ curves: [AttentionAgreementCurve], _ test: RelevanceTexts
    ) -> RelevanceAgreementResult? {
        var best: (agreement: Double, step: Int, relevance: [[Double]])?
        for checkpoint in run.checkpoints {
            let relevance = test.signed(positions: checkpoint.relevance)
            guard let share = RelevanceAgreement.share(first, relevance),
                best.map({ share > $0.agreement }) ?? true
            else { continue }
            best = (share, checkpoint.step, relevance)
        }
        guard let best, let baseline = RelevanceAgreement.baseline(first, best.relevance)
        else { return nil }
        return RelevanceAgreementResult(
            comparison: comparison, agreement: best.agreement, step: best.step,
            baseline: baseline, kendall: RelevanceAgreement.kendall(first, best.relevance),
            trainedAccuracy: trainedAccuracy(exceeding: best.agreement, curves))
    }

    /// ξ(value) over the curves of A(α_A, α_run); nil where none exceeds it.
    package static func trainedAccuracy(
        exceeding value: Double, _ curves: [AttentionAgreementCurve]
    ) -> TrainedAccuracy? {
        let points = curves.compactMap { $0.points.first { $0.agreement > value } }
        guard !points.isEmpty else { return nil }
        let count = Double(points.count)
        return TrainedAccuracy(
            accuracy: points.reduce(0) { $0 + $1.accuracy } / count,
            step: points.reduce(0) { $0 + Double($1.step) } / count, runs: points.count)
    }
}

extension AttentionAgreementCurve {
    /// A(α_A, α_run) at each checkpoint of a run.
    ///
    /// - Parameter attention: α_A of the same texts.
    init(of run: RelevanceRun, with attention: [[Double]]) {
        let points = run.checkpoints.compactMap { checkpoint in
            RelevanceAgreement.share(
                attention, checkpoint.attention.map { $0.map { Double($0) } }
            ).map {
                AttentionAgreementPoint(
                    step: checkpoint.step, agreement: $0, accuracy: checkpoint.accuracy)
            }
        }
        self.init(seed: run.seed, points: points)
    }
}
