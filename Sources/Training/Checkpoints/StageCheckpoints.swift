import Encoders
import Models
import Optimization
import Saliency
import Tensors

extension TrainingProgress.Stage {
    /// The stage's name in a checkpoint.
    fileprivate var key: String {
        switch self {
        case .control(let control): "control-\(control.rawValue)"
        case .taggerExtraction: "tagger-extraction"
        default: name
        }
    }
}

/// What one seed's run keeps of its stages, and goes on from.
package struct StageCheckpoints {
    private let checkpoint: TrainingCheckpoint
    private let seed: String

    /// The stages of a seed's run.
    package init(_ checkpoint: TrainingCheckpoint, seed: UInt64) {
        self.checkpoint = checkpoint
        self.seed = "\(seed)"
    }

    private func kept(_ stage: TrainingProgress.Stage) -> CheckpointManifest.Stage? {
        checkpoint.manifest.seeds[seed]?.stages[stage.key]
    }

    private func keep(
        _ stage: TrainingProgress.Stage, _ files: [String: CheckpointFile],
        _ entry: CheckpointManifest.Stage
    ) {
        checkpoint.change(files) { $0.seeds[seed, default: .init()].stages[stage.key] = entry }
    }

    // MARK: Training

    /// The training to go on from; nil: there is none.
    package func saved(_ stage: TrainingProgress.Stage) -> SavedTraining? {
        guard let entry = kept(stage), let position = entry.position else { return nil }
        let checkpoint = checkpoint
        checkpoint.announce(
            entry.state == nil
                ? "the \(stage.name) model is trained already, and read from the checkpoint"
                : "training of the \(stage.name) model goes on after step \(position.steps) of "
                    + "\(position.trend.steps)")
        let manifest = CheckpointManifest.fileName
        return SavedTraining(
            position: position,
            read: { parameters, optimizer in
                guard let state = entry.state else {
                    throw checkpoint.damage(manifest, "names no state of the \(stage.name) model")
                }
                try checkpoint.readTensors(state) { file in
                    try Self.read(file, parameters, prefix: "parameter.") { parameters[$0] }
                    try Self.read(file, parameters, prefix: "moment1.") {
                        optimizer.moments(of: $0).first
                    }
                    try Self.read(file, parameters, prefix: "moment2.") {
                        optimizer.moments(of: $0).second
                    }
                }
            },
            readBest: { parameters in
                guard let best = entry.best else {
                    throw checkpoint.damage(manifest, "names no best \(stage.name) model")
                }
                try checkpoint.readTensors(best) { file in
                    try Self.read(file, parameters, prefix: "") { parameters[$0] }
                }
            },
            damage: { checkpoint.damage(manifest, $0) })
    }

    /// What keeps a training.
    package func hooks(_ stage: TrainingProgress.Stage) -> TrainingHooks {
        TrainingHooks(
            afterStep: { keep($0, stage, isMilestone: false) },
            afterEpoch: { keep($0, stage, isMilestone: true) })
    }

    private func keep(
        _ state: TrainingState, _ stage: TrainingProgress.Stage, isMilestone: Bool
    ) {
        let size = 4 * state.parameters.count
        guard
            state.isEnd
                || checkpoint.isDue(isMilestone: isMilestone, bytes: (isMilestone ? 4 : 3) * size)
        else { return }
        var entry = CheckpointManifest.Stage(position: state.position)
        var files: [String: CheckpointFile] = [:]
        if let best = state.best, let epoch = state.position.best?.epoch {
            let name = checkpoint.fileName(stage.key, seed, "best", "\(epoch)")
            entry.best = name
            files[name] = Self.file(size) { Self.tensors(best, prefix: "") { best[$0] } }
        }
        if !state.isEnd {
            let name = checkpoint.fileName(stage.key, seed, "state", "\(state.position.steps)")
            entry.state = name
            let (parameters, optimizer) = (state.parameters, state.optimizer)
            // The rows of tables that wait for a step that needs them get the bits that they have then.
            optimizer.synchronize()
            files[name] = Self.file(3 * size) {
                Self.tensors(parameters, prefix: "parameter.") { parameters[$0] }
                    + Self.tensors(parameters, prefix: "moment1.") {
                        optimizer.moments(of: $0).first
                    }
                    + Self.tensors(parameters, prefix: "moment2.") {
                        optimizer.moments(of: $0).second
                    }
            }
        }
        keep(stage, files, entry)
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

    // MARK: Scores

    private static let setNames = Splits(train: "train", dev: "dev", test: "test")

    /// The scores that a stage gave; nil: they are not kept.
    ///
    /// - Parameter words: how many words were read of each document.
    package func saliency(
        _ stage: TrainingProgress.Stage, words: Splits<[Int]>
    ) throws -> Splits<[SaliencyMap]>? {
        guard let name = kept(stage)?.scores else { return nil }
        let maps = try checkpoint.readTensors(name) { file in
            try Self.setNames.zip(words).map { set, words in
                let scores = try file.floats(set)
                guard scores.count == words.reduce(0, +), scores.allSatisfy({ (0...1) ~= $0 })
                else {
                    throw checkpoint.damage(
                        name, "\(set) is not a score for each word of the data")
                }
                var start = 0
                return words.map { count in
                    defer { start += count }
                    return SaliencyMap(scores: Array(scores[start..<(start + count)]))
                }
            }
        }
        checkpoint.announce("the words' scores (\(stage.name)) are read from the checkpoint")
        return maps
    }

    /// Keeps the scores that a stage gave.
    package func keep(_ maps: Splits<[SaliencyMap]>, _ stage: TrainingProgress.Stage) {
        let name = checkpoint.fileName(stage.key, seed, "scores")
        let size = 4 * maps.all.reduce(0) { $0 + $1.reduce(0) { $0 + $1.scores.count } }
        let file = Self.file(size) {
            Self.setNames.zip(maps).all.map { set, maps in
                let scores = maps.flatMap(\.scores)
                return SafetensorsTensor(name: set, shape: [scores.count], values: scores)
            }
        }
        keep(stage, [name: file], .init(scores: name))
        checkpoint.writeIfDue(isMilestone: true)
    }
}
