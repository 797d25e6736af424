import Warrant

/// One line about a run's progress.
struct ProgressLine {
    private let progress: TrainingProgress

    private let stages: [TrainingProgress.Stage]
    private let devCoverage: String?

    /// - Parameters:
    ///   - stages: the parts of the run.
    ///   - devCoverage: how many of the classes dev has, where it lacks some.
    init(_ progress: TrainingProgress, stages: [TrainingProgress.Stage], devCoverage: String?) {
        self.progress = progress
        self.stages = stages
        self.devCoverage = devCoverage
    }

    /// Where in the run: `1/3 support epoch 2/3`.
    private var place: String {
        // Where the parts are not known beforehand, they have no numbers.
        let stage =
            stages.firstIndex(of: progress.stage).map {
                "\($0 + 1)/\(stages.count) \(progress.stage.name)"
            } ?? progress.stage.name
        return progress.epochs > 0 ? "\(stage) epoch \(progress.epoch)/\(progress.epochs)" : stage
    }

    /// The share of the stage that is done.
    private var share: Double {
        let total = max(1, progress.totalDocuments)
        guard progress.epochs > 0 else { return Double(progress.documents) / Double(total) }
        let done = (progress.epoch - 1) * total + progress.documents
        return Double(done) / Double(progress.epochs * total)
    }

    private var loss: String? {
        progress.loss.map { "loss \(Figures.score($0))" }
    }

    private var devMetric: String? {
        progress.devMetric.map {
            "\(progress.stage.metric) \(Figures.score($0))\(coverage)"
        }
    }

    private var coverage: String {
        !progress.stage.metric.hasSuffix("macro-F1") ? "" : devCoverage.map { " (\($0))" } ?? ""
    }

    private var speed: String { "\(Figures.speed(progress.documentsPerSecond)) documents/s" }

    private var timeLeft: String { "\(Figures.duration(progress.secondsLeft)) left" }

    /// What is said when an epoch has ended.
    var summary: String {
        ([place, loss, devMetric, speed] as [String?]).compactMap { $0 }.joined(separator: "  ")
    }

    /// What is said now and then where no bar can be drawn.
    var plain: String {
        let documents =
            "\(Figures.count(progress.documents))/\(Figures.count(progress.totalDocuments))"
        return ([place, documents, loss, devMetric, speed, timeLeft] as [String?])
            .compactMap { $0 }.joined(separator: "  ")
    }

    /// A bar with its figures, not wider than `columns`. Where room is short, the figures that matter
    /// least go first, and then the bar.
    func bar(columns: Int) -> String {
        var figures: [(text: String, rank: Int)] = [
            ("\(Figures.speed(progress.documentsPerSecond)) docs/s", 2),
            (progress.loss.map { "loss \(Figures.score($0))" } ?? "", 1),
            (
                progress.devMetric.map {
                    "dev \(progress.stage.metric.split(separator: /[ -]/).last ?? "") "
                        + Figures.score($0) + coverage
                } ?? "", 3
            ),
            (timeLeft, 4),
        ].filter { !$0.text.isEmpty }
        func text() -> String { figures.map(\.text).joined(separator: " ") }
        func room() -> Int { columns - width(place) - width(text()) - 4 }
        let shortest = 6
        while figures.count > 1, room() < shortest,
            let least = figures.indices.min(by: { figures[$0].rank < figures[$1].rank })
        {
            figures.remove(at: least)
        }
        guard room() >= shortest else { return cut("\(place) \(text())", to: columns) }
        let length = min(room(), 30)
        let filled = min(length, Int(share * Double(length)))
        let bar =
            String(repeating: "#", count: filled)
            + String(repeating: "-", count: length - filled)
        return "\(place) [\(bar)] \(text())"
    }

    private func width(_ text: String) -> Int { text.unicodeScalars.count }

    private func cut(_ text: String, to columns: Int) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(max(0, columns))))
    }
}
