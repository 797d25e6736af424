/// How much a document's loss counts by its class.
public enum ClassWeights: String, Codable, Sendable, CaseIterable {
    /// Every document counts 1.
    case none
    /// Every class counts the same in all: a document of class c counts n / (k · n_c), of n documents
    /// in k classes that have any, n_c of them in class c (scikit-learn's `balanced`; King & Zeng
    /// 2001). The mean over the documents is 1, so learning rates need no change.
    case balanced

    /// The weight of each class.
    ///
    /// - Parameters:
    ///   - classes: the class of each training document, below `count`.
    ///   - count: how many classes there are; one without documents gets the weight 1.
    package func weights(of classes: [Int], count: Int) -> [Double] {
        var weights = [Double](repeating: 1, count: count)
        guard self == .balanced else { return weights }
        var documents = [Int](repeating: 0, count: count)
        for index in classes { documents[index] += 1 }
        let present = documents.count { $0 > 0 }
        for index in weights.indices where documents[index] > 0 {
            weights[index] = Double(classes.count) / Double(present * documents[index])
        }
        return weights
    }
}
