import Models

/// How far a training run, or an evaluation, is.
public struct TrainingProgress: Sendable {
    /// A part of a run.
    public struct Stage: Sendable, Hashable {
        /// The name in progress and errors.
        public let name: String
        /// What ``TrainingProgress/devMetric`` is, such as `dev macro-F1`.
        public let metric: String

        /// A part by its name.
        package init(_ name: String, metric: String = "dev macro-F1") {
            self.name = name
            self.metric = metric
        }

        /// The same part with another metric.
        package func measured(by metric: String) -> Stage { Stage(name, metric: metric) }

        /// Whether two are the same part, whatever it is measured by.
        public static func == (first: Stage, second: Stage) -> Bool { first.name == second.name }

        /// Hashes the name.
        public func hash(into hasher: inout Hasher) { hasher.combine(name) }

        /// Fine-tuning the support model on whole documents.
        public static let support = Stage("support")
        /// Scoring words with it.
        public static let extraction = Stage("extraction")
        /// Fine-tuning a tagger on the words that are selected by these scores.
        public static let tagger = Stage("tagger", metric: "dev token F1")
        /// Scoring words with the tagger.
        public static let taggerExtraction = Stage("tagger's extraction")
        /// Fine-tuning the classifier on the selected words.
        public static let classifier = Stage("classifier")
        /// Fine-tuning a classifier on a control's words.
        public static func control(_ control: Control) -> Stage {
            Stage("control \(control.rawValue)")
        }
        /// Classifying rows to compare with their labels, and asking the support model again.
        public static let evaluation = Stage("evaluation")
        /// Classifying texts of which a single word was edited.
        public static let stability = Stage("stability")

        /// The parts in which words are selected, in order.
        package static func selection(_ tagging: TrainingOptions.Tagging?) -> [Stage] {
            tagging == nil ? [.extraction] : [.extraction, .tagger, .taggerExtraction]
        }
    }

    /// The part under way.
    public let stage: Stage
    /// The epoch under way, from 1; 0 in extraction and evaluation.
    public let epoch: Int
    /// All epochs of the stage.
    public let epochs: Int
    /// Documents done in this epoch.
    public let documents: Int
    /// All documents of the epoch.
    public let totalDocuments: Int
    /// Mean loss of the epoch's documents so far.
    public let loss: Double?
    /// The stage's metric, mostly of the development set, after the last epoch that ended.
    public let devMetric: Double?
    /// Whether an epoch has just ended and been measured.
    public let isEpochEnd: Bool
    /// Documents a second in this stage.
    public let documentsPerSecond: Double
    /// Seconds until the stage ends, at this speed.
    public let secondsLeft: Double
}

extension TrainingProgress {
    /// A pass over documents in which nothing is trained.
    ///
    /// - Parameter before: how many documents were done before it began.
    package init(
        _ stage: Stage, documents: Int, of total: Int, since begin: ContinuousClock.Instant,
        before: Int = 0
    ) {
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        let speed = seconds > 0 ? Double(documents - before) / seconds : 0
        self.init(
            stage: stage, epoch: 0, epochs: 0, documents: documents, totalDocuments: total,
            loss: nil, devMetric: nil, isEpochEnd: documents == total, documentsPerSecond: speed,
            secondsLeft: speed > 0 ? Double(total - documents) / speed : 0)
    }
}
