/// Computes stages, each once: an output that is neither remembered nor in the store is made from the
/// outputs of other stages, and kept.
///
/// What is remembered is bounded: the last output of each type of stage that the graph was told to
/// remember, given up before the next one is made, with all that followed from it.
package final class StageGraph {
    /// What outputs are kept in.
    package let store: any StageStore
    /// Told how far stages are; what it throws ends the work.
    package let report: (TrainingProgress) throws -> Void

    private struct Remembered {
        let type: any Stage.Type
        let key: StageKey
        let output: Any
    }

    private let remembering: Set<ObjectIdentifier>
    private var memory: [ObjectIdentifier: Remembered] = [:]

    /// A graph that has computed nothing.
    ///
    /// - Parameters:
    ///   - remembering: the types of stages of which the last output stays in memory.
    ///   - report: told how far stages are.
    package init(
        store: any StageStore = NoStore(), remembering: [any Stage.Type],
        report: @escaping (TrainingProgress) throws -> Void = { _ in }
    ) {
        self.store = store
        self.remembering = Set(remembering.map { ObjectIdentifier($0) })
        self.report = report
    }

    /// A stage's output: from memory, from the store, or else made, and kept.
    ///
    /// - Throws: what the stage and those before it throw, and the store.
    package func output<S: Stage>(of stage: S) throws -> S.Output {
        let place = ObjectIdentifier(S.self)
        if let known = memory[place], known.key == stage.key,
            let output = known.output as? S.Output
        {
            return output
        }
        forget(S.self)
        let output = try stage.kept(in: self) ?? made(stage)
        for key in stage.unfinished { store.removeUnfinished(key) }
        if remembering.contains(place) {
            memory[place] = Remembered(type: S.self, key: stage.key, output: output)
        }
        return output
    }

    private func made<S: Stage>(_ stage: S) throws -> S.Output {
        let output = try stage.make(in: self)
        try stage.keep(output, in: self)
        return output
    }

    private func forget(_ type: any Stage.Type) {
        memory = memory.filter { !Self.follows($0.value.type, from: type) }
    }

    private static func follows(_ type: any Stage.Type, from other: any Stage.Type) -> Bool {
        ObjectIdentifier(type) == ObjectIdentifier(other)
            || type.inputs.contains { follows($0, from: other) }
    }
}
