/// What went wrong in training, in a model folder or in writing, in one line.
public struct WarrantError: DescribedError, Equatable {
    /// What sort of failure it is.
    public let kind: FailureKind
    /// Where, what is wrong, what to do.
    public let problem: String

    /// A failure whose message is one line.
    package init(_ kind: FailureKind, _ problem: String) {
        self.kind = kind
        self.problem = problem
    }
}

extension WarrantError {
    /// The same failure as another error.
    package init(_ error: some DescribedError) { self.init(error.kind, error.description) }
}
