import Encoders
import Tensors

/// What keeps the outputs of stages between runs, and stages that did not come to their end.
///
/// Files may have been altered since they were written: what is read is checked, and an error names
/// the file and what to do. Where a store does not keep something, it reads nothing, and keeping it
/// has no effect.
package protocol StageStore {
    /// A value that is kept as JSON; nil: it is not kept.
    ///
    /// - Parameter isSound: whether the value's parts agree.
    func value<Value: Decodable>(
        _ key: StageKey, where isSound: (Value) -> Bool
    ) throws -> Value?

    /// Keeps a value as JSON.
    func keep(_ value: some Encodable, as key: StageKey) throws

    /// What `read` makes of tensors that are kept; nil: they are not.
    ///
    /// - Parameters:
    ///   - name: what people call them.
    ///   - read: throws a `StageFlaw` for tensors that cannot be the stage's.
    func tensors<Value>(
        _ key: StageKey, called name: String, _ read: (SafetensorsFile) throws -> Value
    ) throws -> Value?

    /// Keeps tensors.
    func keep(_ tensors: [SafetensorsTensor], as key: StageKey) throws

    /// A model that is kept with its scores; nil: it is not.
    ///
    /// - Parameter classes: how many classes the model tells apart.
    func model(_ key: StageKey, classes: Int) throws -> KeptModel?

    /// Keeps a model with its scores.
    func keep(_ model: any TextClassifier, _ scores: StageScores, as key: StageKey) throws

    /// What keeps a stage before its end, and has what was kept of it; nil: nothing does.
    ///
    /// - Parameter name: what people call the model that is trained, or the work that is done.
    func unfinished(_ key: StageKey, called name: String) throws -> UnfinishedStage?

    /// Removes what was kept of a stage before its end, unless it stands for the output.
    func removeUnfinished(_ key: StageKey)
}

extension StageStore {
    package func value<Value: Decodable>(
        _ key: StageKey, where isSound: (Value) -> Bool
    ) throws -> Value? { nil }
    package func keep(_ value: some Encodable, as key: StageKey) throws {}
    package func tensors<Value>(
        _ key: StageKey, called name: String, _ read: (SafetensorsFile) throws -> Value
    ) throws -> Value? { nil }
    package func keep(_ tensors: [SafetensorsTensor], as key: StageKey) throws {}
    package func model(_ key: StageKey, classes: Int) throws -> KeptModel? { nil }
    package func keep(
        _ model: any TextClassifier, _ scores: StageScores, as key: StageKey
    ) throws {}
    package func unfinished(_ key: StageKey, called name: String) throws -> UnfinishedStage? { nil }
    package func removeUnfinished(_ key: StageKey) {}
}

/// Keeps nothing.
package struct NoStore: StageStore {
    package init() {}
}

/// A model in a store: its scores, and a way to its weights.
package struct KeptModel {
    /// What it scored when it was trained.
    package let scores: StageScores
    /// Reads it, with the very weights that were trained.
    package let load: () throws -> any TextClassifier

    package init(scores: StageScores, load: @escaping () throws -> any TextClassifier) {
        self.scores = scores
        self.load = load
    }
}

/// What is wrong with a file of a store; the store says which file it is, and what to do.
package struct StageFlaw: Error {
    package let problem: String

    package init(_ problem: String) { self.problem = problem }
}
