import Datasets

/// A set of rows by its use.
package enum RowSet: String, Sendable, CaseIterable {
    /// Rows that are learned from.
    case train
    /// Rows that decide which epoch is best.
    case dev
    /// Rows that are only measured.
    case test
}

/// What should be known of labelled rows before something is learned or measured from them. Every
/// finding is one notice, with a count and an example.
///
/// ```swift
/// for notice in DataNotices(data).all { print(notice.message) }
/// ```
///
/// A notice is one type, a ``RowCheck``, and a line in the list below.
public struct DataNotices: Sendable {
    private var checks: [any RowCheck]

    /// Notices of no rows yet.
    ///
    /// - Parameter labels: the known classes.
    package init(labels: [String]) {
        checks = [
            SharedTexts(), SeveralLabels(), SimilarLabels(), RepeatedIDs(), BroadRationales(),
            ClassesWithoutRows(labels: labels),
        ]
    }

    /// Notices of all rows of a run. A test set that is the dev set is not looked at again.
    public init(_ data: TrainingData) {
        self.init(labels: data.labels)
        for row in data.train { add(row, to: .train) }
        for row in data.dev { add(row, to: .dev) }
        guard data.test.map(\.location) != data.dev.map(\.location) else { return }
        for row in data.test { add(row, to: .test) }
    }

    /// Adds a row; those of train come first.
    ///
    /// - Complexity: O(bytes of the row).
    package mutating func add(_ row: Example, to set: RowSet) {
        for index in checks.indices { checks[index].add(row, to: set) }
    }

    /// What was found, in the order of the checks.
    public var all: [Notice] { checks.flatMap(\.notices) }
}

/// Looks at rows one after the other for one kind of notice.
protocol RowCheck: Sendable {
    /// Looks at a row; those of train come first.
    mutating func add(_ row: Example, to set: RowSet)

    /// What was found so far.
    var notices: [Notice] { get }
}

extension Example {
    /// A hash of text and query. That two different ones of a million have the same has a
    /// probability below one in ten million.
    var textHash: Int {
        var hasher = Hasher()
        hasher.combine(text)
        hasher.combine(query)
        return hasher.finalize()
    }
}
