import Models

/// A classifier of a run, by what it reads.
public enum Variant: Sendable, Hashable {
    /// Whole documents.
    case support
    /// Rationales.
    case classifier
    /// A control's selections.
    case control(Control)

    /// The name in tables and files.
    public var name: String {
        switch self {
        case .support: "support"
        case .classifier: "classifier"
        case .control(let control): control.rawValue
        }
    }

    /// The part of a run that trains it.
    package var stage: TrainingProgress.Stage {
        switch self {
        case .support: .support
        case .classifier: .classifier
        case .control(let control): .control(control)
        }
    }
}
