import Warrant

/// Shows how far a run is: a bar that is redrawn on a terminal, plain lines elsewhere.
final class TrainingDisplay {
    private let isTerminal: Bool
    private let start = ContinuousClock.now
    private var lastShown: ContinuousClock.Instant?

    private let stages: [TrainingProgress.Stage]
    private let devCoverage: String?

    /// - Parameters:
    ///   - stages: the parts of the run.
    ///   - devCoverage: how many of the classes dev has, where it lacks some.
    init(isTerminal: Bool, stages: [TrainingProgress.Stage], devCoverage: String? = nil) {
        self.isTerminal = isTerminal
        self.stages = stages
        self.devCoverage = devCoverage
    }

    /// Shows one step's progress, or passes over it where the last was shown just now.
    func show(_ progress: TrainingProgress) {
        let now = ContinuousClock.now
        let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
        let line = ProgressLine(progress, stages: stages, devCoverage: devCoverage)
        if progress.isEpochEnd {
            Messages.write((isTerminal ? "\r\u{1B}[K" : "") + line.summary + "\n")
        } else if now - (lastShown ?? start) >= pause || (isTerminal && lastShown == nil) {
            // A column stays free: some terminals wrap when the last one is written.
            Messages.write(
                isTerminal
                    ? "\r" + line.bar(columns: Messages.columns - 1) + "\u{1B}[K"
                    : line.plain + "\n")
        } else {
            return
        }
        lastShown = now
    }

    /// Leaves the line for what comes next.
    func close() {
        if isTerminal { Messages.write("\r\u{1B}[K") }
    }
}
