import Models

/// A classifier of a run, by what it reads; a method that is compared with FRESH declares one of its own.
public struct Variant: Sendable, Hashable {
    /// The name in tables and files.
    public let name: String
    /// What it reads, as a table of results says it.
    package let title: String
    /// The part of a run that trains it.
    package let stage: TrainingProgress.Stage
    /// The control whose selections it reads; nil: it is no control.
    package let control: Control?

    /// A variant that is no control.
    package init(_ name: String, title: String, stage: TrainingProgress.Stage) {
        (self.name, self.title, self.stage, control) = (name, title, stage, nil)
    }

    private init(_ control: Control) {
        (name, title) = (control.rawValue, "control: \(control.rawValue)")
        (stage, self.control) = (.control(control), control)
    }

    /// Reads whole documents.
    public static let support = Variant("support", title: "full text", stage: .support)
    /// Reads rationales.
    public static let classifier = Variant(
        "classifier", title: "rationale", stage: .classifier)
    /// Reads a control's selections.
    public static func control(_ control: Control) -> Variant { Variant(control) }
}
