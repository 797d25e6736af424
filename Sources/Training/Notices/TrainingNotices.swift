import Datasets
import Errors
import Metrics
import Models

/// What a model learned too little or too much of, by its dev set and its loss.
extension Notice {
    /// Classes that have dev documents, none of which, nor any other, a trained classifier predicts as
    /// such; nil where there are none.
    ///
    /// - Parameters:
    ///   - model: the classifier's name in a run, such as `support`.
    ///   - weights: how the classes were weighted.
    package static func classesNeverPredicted(
        _ dev: ClassificationMetrics, labels: [String], model: String, weights: ClassWeights
    ) -> Notice? {
        let missing = labels.indices.filter {
            dev.classes[$0].support > 0 && dev.classes[$0].predicted == 0
        }
        guard let most = missing.max(by: { dev.classes[$0].support < dev.classes[$1].support })
        else { return nil }
        let support = dev.classes[most].support
        let others = missing.count - 1
        // Weights do not help a class that is as frequent as the others.
        let isRare = 2 * support * labels.count < dev.count
        return Notice(
            kind: .classesNeverPredicted, count: missing.count,
            message:
                "the \(model) model never predicts \(DatasetError.quote(labels[most]))"
                + (others == 0 ? "" : " (nor \(others) other of the \(labels.count) classes)")
                + ", the class of \(support) of the \(dev.count) dev documents; train for "
                + "more epochs or with another learning rate"
                + (weights == .none && isRare ? ", or with --class-weights balanced" : ""))
    }

    /// A loss that ended at more than twice its beginning; nil where it did not.
    ///
    /// - Parameter model: the model's name in a run, such as `support`.
    package static func risenLoss(_ loss: LossTrend, model: String, learningRate: Float) -> Notice?
    {
        guard loss.hasRisen else { return nil }
        return Notice(
            kind: .risenLoss, count: 1,
            message:
                "the loss of the \(model) model rose from \(decimalText(loss.first, places: 3)) at the "
                + "beginning to \(decimalText(loss.last, places: 3)) at the end: training diverged; "
                + "lower its learning rate, which is \(learningRate)")
    }
}
