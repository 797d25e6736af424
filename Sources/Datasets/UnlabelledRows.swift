/// Rows without a label, counted, and the first of them by their places.
struct UnlabelledRows {
    /// Whether some row has a label.
    var hasLabels = false
    private(set) var count = 0
    private var first: [SourceLocation] = []
    private static let named = 5

    mutating func add(_ location: SourceLocation) {
        count += 1
        if first.count < Self.named { first.append(location) }
    }

    /// The error about them.
    ///
    /// - Parameter missingLabel: what is wrong where no row has a field for the label.
    func error(missingLabel: DatasetError?) -> DatasetError {
        if !hasLabels, let missingLabel { return missingLabel }
        let rows = count == 1 ? "1 row" : "\(count) rows"
        return DatasetError(
            .badData, at: first.first ?? SourceLocation(file: "rows"),
            "the label is missing or empty, in \(rows)\(places); expected one in every row: add it, or "
                + (hasLabels
                    ? "leave such rows out with --drop-unlabelled" : "check --label-column"))
    }

    /// The notice about rows that were left out.
    var notice: String {
        let rows = count == 1 ? "1 row without a label is" : "\(count) rows without a label are"
        return "\(first.first?.file ?? ""): \(rows) left out\(places)"
    }

    private var places: String {
        let lines = first.filter { $0.line > 0 }.map { "\($0.line)" }
        guard !lines.isEmpty else { return "" }
        return (count == 1 ? " (line " : " (lines ") + lines.joined(separator: ", ")
            + (count > lines.count ? ", …)" : ")")
    }
}
