import Encoders
import Optimization
import Tensors

/// A model that can be trained: it has parameters, and can be copied with them.
package protocol TrainableModel: AnyObject, Sendable {
    /// Every number of the model.
    var parameters: Parameters { get }

    /// The same model with parameters of its own.
    func copy() -> Self
}

extension SequenceClassifier: TrainableModel {}
extension WordClassifier: TrainableModel {}
extension TokenTagger: TrainableModel {}

/// A training between two steps, as hooks get it: read only, and good until the hook returns.
package struct TrainingState {
    /// How far it is, for people.
    package let progress: TrainingProgress
    /// How far it is, to go on from.
    package let position: TrainingPosition
    /// The model's parameters.
    package let parameters: Parameters
    /// The optimizer, with its moments.
    package let optimizer: any Optimizer
    /// The parameters of the best epoch so far, which do not change any more; nil before the first
    /// epoch has ended.
    package let best: Parameters?
    /// Whether all epochs are done.
    package let isEnd: Bool
}

/// What is called in the course of a training. What a hook throws ends the training.
package struct TrainingHooks {
    /// After each step.
    package var afterStep: (TrainingState) throws -> Void
    /// After each epoch, once it was measured.
    package var afterEpoch: (TrainingState) throws -> Void

    /// Hooks that do nothing unless told otherwise.
    package init(
        afterStep: @escaping (TrainingState) throws -> Void = { _ in },
        afterEpoch: @escaping (TrainingState) throws -> Void = { _ in }
    ) {
        self.afterStep = afterStep
        self.afterEpoch = afterEpoch
    }
}

/// A training to go on from, wherever its numbers are kept.
package struct SavedTraining {
    /// How far it was.
    package let position: TrainingPosition
    /// Reads the parameters, and the optimizer's moments, into those of a new training.
    package let read: (Parameters, any Optimizer) throws -> Void
    /// Reads the parameters of the best epoch.
    package let readBest: (Parameters) throws -> Void
    /// The error for what does not fit together, with its place and what to do.
    package let damage: (_ problem: String) -> any Error

    /// A training that was kept.
    package init(
        position: TrainingPosition, read: @escaping (Parameters, any Optimizer) throws -> Void,
        readBest: @escaping (Parameters) throws -> Void,
        damage: @escaping (_ problem: String) -> any Error
    ) {
        self.position = position
        self.read = read
        self.readBest = readBest
        self.damage = damage
    }
}
