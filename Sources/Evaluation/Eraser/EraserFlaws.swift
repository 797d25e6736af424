import Datasets

/// What is wrong with a result file: the first flaws by name, the others by number.
public struct EraserFlaws: Error, Sendable, Hashable, CustomStringConvertible {
    /// How many flaws are kept by name.
    package static let limit = 10

    /// The first flaws, each with its place, its annotation and its field.
    public private(set) var named: [DatasetError] = []

    /// How many there are.
    public private(set) var count = 0

    /// Whether there are none.
    public var isEmpty: Bool { count == 0 }

    /// No flaws.
    init() {}

    mutating func add(_ flaw: DatasetError) {
        count += 1
        if named.count < Self.limit { named.append(flaw) }
    }

    /// The named flaws, one a line, and how many more there are.
    public var description: String {
        let more = count - named.count
        return (named.map(\.description) + (more > 0 ? ["and \(more) more"] : []))
            .joined(separator: "\n")
    }
}
