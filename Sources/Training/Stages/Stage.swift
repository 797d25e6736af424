import Classifiers
import JSON

/// A sort of stages: its name, and the version of the code that computes them.
package struct StageKind: Sendable, Hashable {
    /// Small letters, digits and hyphens: names of files begin with it.
    package let name: String
    /// Raised when what the stages compute from the same dependencies changes, for this kind and for
    /// those that follow from it; `StageResultTests` holds results and versions together.
    package let version: Int

    /// A kind by its name.
    package init(_ name: String, version: Int) {
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789-".utf8)
        precondition(
            !name.isEmpty && name.utf8.allSatisfy(allowed.contains), "\(name) names no kind")
        self.name = name
        self.version = version
    }
}

/// What identifies a stage: a digest of everything that its output depends on, and of nothing else.
/// Not among it: names of data sets, paths, and the number of threads. Nor the CPU and its libraries,
/// which change an output by roundings: a model that another machine trained serves here too.
package struct StageKey: Sendable, Hashable {
    /// What the stage depends on, by name.
    package typealias Dependencies = [(key: String, value: JSONText)]

    /// What sort of stage it is.
    package let kind: StageKind
    private let digest: String

    /// The name of what is kept of the stage: `support-4014a73733a90beb`.
    package var name: String { "\(kind.name)-\(digest)" }

    /// A key from all that a stage depends on; the kind's version is part of it.
    package init(_ kind: StageKind, _ dependencies: Dependencies) {
        self.kind = kind
        var bytes: [UInt8] = []
        let head: Dependencies = [
            ("format", .integer(kind.version)), ("kind", .string(kind.name)),
        ]
        JSONText.object(head + dependencies).append(to: &bytes)
        digest = String(FileDigests.sha256(bytes).prefix(16))
    }
}

/// A part of what an experiment or a training computes: its key, how its output is made from the
/// outputs of other stages, and how the output is kept.
///
/// A stage is a value, and stands in a file of its own; nothing else has to know of its kind.
package protocol Stage {
    /// What it computes.
    associatedtype Output

    /// The stages that `make` asks the graph for: when the graph gives up what it remembers of one
    /// of them, it gives up what followed from it.
    static var inputs: [any Stage.Type] { get }

    /// What identifies it.
    var key: StageKey { get }

    /// Computes the output; the graph has the inputs.
    func make(in graph: StageGraph) throws -> Output

    /// The output as the graph's store has it; nil: it is not kept.
    func kept(in graph: StageGraph) throws -> Output?

    /// Keeps the output in the graph's store.
    func keep(_ output: Output, in graph: StageGraph) throws

    /// The stages of which what was kept before their end is needed no more once the output is kept.
    var unfinished: [StageKey] { get }
}

extension Stage {
    package static var inputs: [any Stage.Type] { [] }
    package var unfinished: [StageKey] { [] }

    package func kept(in graph: StageGraph) throws -> Output? { nil }
    package func keep(_ output: Output, in graph: StageGraph) throws {}
}
