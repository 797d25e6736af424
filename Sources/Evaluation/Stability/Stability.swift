import JSON

/// How often an edit of a single word that is *not* in the rationale changes what a model selects and
/// predicts.
///
/// The guarantee covers the step from rationale to prediction. It does not cover the choice of the
/// rationale: an extractor that reads the whole document may choose other words when any word changes,
/// and this measures how often it does.
public struct Stability: Sendable, Equatable {
    /// What is done to a word that is not selected.
    public enum Edit: String, Sendable, CaseIterable {
        /// Another word of the data set takes its place.
        case replace
        /// It is left out.
        case delete
    }

    /// The numbers of edits after which documents with a change of label are counted.
    public static let editCounts = [1, 5, 10]

    /// Shares of edits and of documents.
    public struct Rates: Sendable, Equatable {
        /// How many edits were made, each of the original document.
        public private(set) var edits = 0
        /// How many documents were edited.
        public private(set) var documents = 0
        private var selections = 0
        private var labels = 0
        private var flipped = [Int](repeating: 0, count: Stability.editCounts.count)

        /// The rates of no edits.
        package init() {}

        /// The share of edits after which other words are selected.
        public var selectionChanges: Double { share(selections, of: edits) }
        /// The share of edits after which the label is another.
        public var labelChanges: Double { share(labels, of: edits) }
        /// For each of `editCounts`, the share of documents whose label changes in one of so many
        /// edits.
        public var documentsWithAFlip: [Double] { flipped.map { share($0, of: documents) } }

        /// Counts a document's edits.
        ///
        /// - Parameter changes: for each edit, whether it changed the selection, and the label.
        package mutating func add(_ changes: [(selection: Bool, label: Bool)]) {
            documents += 1
            edits += changes.count
            selections += changes.count { $0.selection }
            labels += changes.count { $0.label }
            for (index, count) in Stability.editCounts.enumerated()
            where changes.prefix(count).contains(where: \.label) {
                flipped[index] += 1
            }
        }

        private func share(_ part: Int, of whole: Int) -> Double {
            whole == 0 ? 0 : Double(part) / Double(whole)
        }
    }

    /// Of the rationale and the classifier's prediction from it.
    public internal(set) var rationale: [Edit: Rates] = [:]
    /// Of the support model's prediction from the whole text, under the same edits; it selects
    /// nothing.
    public internal(set) var fullText: [Edit: Rates] = [:]
    /// Documents without an unselected word, or without a word at all, which were left out.
    public internal(set) var leftOut = 0
    /// What decided the edits.
    public let seed: UInt64

    init(seed: UInt64) {
        self.seed = seed
        for edit in Edit.allCases { (rationale[edit], fullText[edit]) = (Rates(), Rates()) }
    }

    /// How many documents were edited.
    public var documents: Int { rationale[.delete]?.documents ?? 0 }

    /// All rates.
    package var json: JSONText {
        func rates(_ rates: Rates?, selects: Bool) -> JSONText {
            guard let rates else { return .null }
            let flips = zip(Self.editCounts, rates.documentsWithAFlip).map {
                (key: "\($0)", value: JSONText.double($1))
            }
            return .object(
                (selects
                    ? [(key: "selection_changes", value: .double(rates.selectionChanges))] : [])
                    + [
                        (key: "label_changes", value: .double(rates.labelChanges)),
                        (key: "documents_with_a_flip", value: .object(flips)),
                        (key: "edits", value: .integer(rates.edits)),
                    ])
        }
        return [
            "replace": rates(rationale[.replace], selects: true),
            "delete": rates(rationale[.delete], selects: true),
            "full_text": [
                "replace": rates(fullText[.replace], selects: false),
                "delete": rates(fullText[.delete], selects: false),
            ],
            "documents": .integer(documents), "left_out": .integer(leftOut),
            "seed": .string("\(seed)"),
        ]
    }
}
