/// What the other windows of a document say, of one of its windows: a document's logits are the mean
/// of its windows'.
public struct OtherWindows: Sendable {
    /// How many they are.
    package let count: Int
    /// The sum of their logits [classes]; empty where there are none.
    package let sum: [Double]
    /// The class that all of the document's windows predict together; nil: told by the window's own
    /// logits. Known beforehand it is the same for all windows, whatever pass reads them: in bf16
    /// passes that record round otherwise than those that do not.
    package let predicted: Int?

    /// A document of one window has no others.
    public static let none = OtherWindows(count: 0, sum: [])

    /// The sum of so many windows' logits, and the document's class where it is known.
    package init(count: Int, sum: [Double], predicted: Int? = nil) {
        self.count = count
        self.sum = sum
        self.predicted = predicted
    }

    /// For each of a document's windows the others, from the logits [windows][classes] of all.
    /// O(windows × classes).
    package static func each(of windows: [[Float]]) -> [OtherWindows] {
        guard windows.count > 1, let classes = windows.first?.count else {
            return windows.map { _ in .none }
        }
        let sums = (0..<classes).map { column in windows.reduce(0) { $0 + Double($1[column]) } }
        let predicted = SequenceClassifier.means(windows, counts: [windows.count])[0].indexOfLargest
        return windows.map { own in
            OtherWindows(
                count: windows.count - 1, sum: zip(sums, own).map { $0 - Double($1) },
                predicted: predicted)
        }
    }

    /// The document's logits [classes] if the window has the logits `own` [classes].
    public func documentLogits(_ own: [Float]) -> [Float] {
        count == 0
            ? own : zip(sum, own).map { Float(($0 + Double($1)) / Double(count + 1)) }
    }

    /// The document's class if the window has the logits `own` [classes].
    public func predictedClass(_ own: [Float]) -> Int {
        predicted ?? documentLogits(own).indexOfLargest
    }
}
