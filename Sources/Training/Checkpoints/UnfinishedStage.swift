import Optimization
import Tensors

/// A stage in a checkpoint before its end: what was kept of it, and what keeps it from now on.
package struct UnfinishedStage {
    private let checkpoint: TrainingCheckpoint
    private let name: String
    private let title: String
    private let owner: String?
    private let begin = ContinuousClock.now

    /// How many seconds its training had taken when it was kept.
    package let secondsBefore: Double

    /// A stage before its end.
    ///
    /// - Parameters:
    ///   - title: what people call the model that is trained, or the work that is done.
    ///   - owner: the run of several that it belongs to.
    package init(
        _ checkpoint: TrainingCheckpoint, _ key: StageKey, called title: String,
        owner: String? = nil
    ) {
        self.checkpoint = checkpoint
        name = key.name
        self.title = title
        self.owner = owner
        secondsBefore = checkpoint.found(key.name)?.seconds ?? 0
    }

    // MARK: Training

    /// The training to go on from; nil: there is none.
    package func saved() -> SavedTraining? {
        guard let entry = checkpoint.found(name), let position = entry.position else { return nil }
        let (checkpoint, title) = (checkpoint, title)
        checkpoint.announce(
            entry.state == nil
                ? "the \(title) model is trained already, and read from the checkpoint"
                : "training of the \(title) model goes on after step \(position.steps) of "
                    + "\(position.trend.steps)")
        let manifest = CheckpointManifest.fileName
        return SavedTraining(
            position: position,
            read: { parameters, optimizer in
                guard let state = entry.state else {
                    throw checkpoint.damage(manifest, "names no state of the \(title) model")
                }
                try checkpoint.readTensors(state) { file in
                    try Self.read(file, parameters, prefix: "parameter.") { parameters[$0] }
                    for (place, name) in optimizer.stateNames(parameters).enumerated() {
                        try Self.read(file, parameters, prefix: name + ".") {
                            optimizer.state(of: $0)[place].values
                        }
                    }
                }
            },
            readBest: { parameters in
                guard let best = entry.best else {
                    throw checkpoint.damage(manifest, "names no best \(title) model")
                }
                try checkpoint.readTensors(best) { file in
                    try Self.read(file, parameters, prefix: "") { parameters[$0] }
                }
            },
            damage: { checkpoint.damage(manifest, $0) })
    }

    /// What keeps the training.
    package var hooks: TrainingHooks {
        TrainingHooks(
            afterStep: { keep($0, isMilestone: false) }, afterEpoch: { keep($0, isMilestone: true) }
        )
    }

    private func keep(_ state: TrainingState, isMilestone: Bool) {
        let size = 4 * state.parameters.count
        guard
            state.isEnd
                || checkpoint.isDue(
                    isMilestone: isMilestone,
                    bytes: (1 + state.optimizer.stateNames(state.parameters).count
                        + (isMilestone ? 1 : 0)) * size)
        else { return }
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        var entry = CheckpointManifest.Stage(
            owner: owner, position: state.position, seconds: secondsBefore + seconds)
        var files: [String: CheckpointFile] = [:]
        if let best = state.best, let epoch = state.position.best?.epoch {
            let file = checkpoint.fileName(name, "best", "\(epoch)")
            entry.best = file
            files[file] = Self.file(size) { Self.tensors(best, prefix: "") { best[$0] } }
        }
        if !state.isEnd {
            let file = checkpoint.fileName(name, "state", "\(state.position.steps)")
            entry.state = file
            let (parameters, optimizer) = (state.parameters, state.optimizer)
            // The rows of tables that wait for a step that needs them get the bits that they have then.
            optimizer.synchronize()
            let names = optimizer.stateNames(parameters)
            files[file] = Self.file((1 + names.count) * size) {
                names.enumerated().reduce(
                    into: Self.tensors(parameters, prefix: "parameter.") { parameters[$0] }
                ) { tensors, name in
                    tensors += Self.tensors(parameters, prefix: name.element + ".") {
                        optimizer.state(of: $0)[name.offset].values
                    }
                }
            }
        }
        checkpoint.keep(entry, as: name, files)
        if state.isEnd {
            checkpoint.writeIfDue(isMilestone: true)
        } else {
            checkpoint.write()
        }
    }

    private static func file(
        _ size: Int, _ tensors: @escaping () -> [SafetensorsTensor]
    ) -> CheckpointFile {
        CheckpointFile(size: size) { try writeSafetensors(tensors(), metadata: [:], to: $0) }
    }

    private static func tensors(
        _ parameters: Parameters, prefix: String, _ value: (Parameter) -> Tensor
    ) -> [SafetensorsTensor] {
        parameters.all.map { parameter in
            let tensor = value(parameter)
            return SafetensorsTensor(
                name: prefix + parameter.name, shape: parameter.shape,
                withValues: { write in
                    defer { withExtendedLifetime(tensor) {} }
                    try write(UnsafeBufferPointer(tensor.buffer))
                })
        }
    }

    private static func read(
        _ file: SafetensorsFile, _ parameters: Parameters, prefix: String,
        into place: (Parameter) -> Tensor
    ) throws {
        for parameter in parameters.all {
            try file.readFloats(
                prefix + parameter.name, shape: parameter.shape, into: place(parameter).buffer)
        }
    }

    // MARK: Numbers that are computed one after the other

    private static let tensor = "part"
    private var partName: String { Self.partName(of: name) }

    /// The name under which a stage's first numbers are kept.
    static func partName(of stage: String) -> String { "\(stage)-part" }

    /// The first of the stage's numbers; empty: none are kept.
    package func part() throws -> [Float] {
        guard let file = checkpoint.found(partName)?.tensors else { return [] }
        let part = try checkpoint.readTensors(file) { try $0.floats(Self.tensor) }
        checkpoint.announce("\(title) goes on from the checkpoint")
        return part
    }

    /// Keeps the first of the stage's numbers, where it is time to.
    ///
    /// - Parameter part: those that `count` counts.
    package func keep(part: () -> [Float], count: Int) {
        guard checkpoint.isDue(isMilestone: false, bytes: 4 * count) else { return }
        let file = checkpoint.fileName(name, "part", "\(count)")
        let values = part()
        checkpoint.keep(
            .init(owner: owner, tensors: file), as: partName,
            [
                file: Self.file(4 * count) {
                    [SafetensorsTensor(name: Self.tensor, shape: [count], values: values)]
                }
            ])
        checkpoint.write()
    }
}

extension Optimizer {
    /// What is remembered of each parameter, by name.
    fileprivate func stateNames(_ parameters: Parameters) -> [String] {
        parameters.all.first.map { state(of: $0).map(\.name) } ?? []
    }
}
