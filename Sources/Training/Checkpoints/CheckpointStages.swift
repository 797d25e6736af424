import Files
import Tensors

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The stages of a run in its checkpoint. A model is kept as the end of its training.
package struct CheckpointStages: StageStore {
    private let checkpoint: TrainingCheckpoint
    private let owner: String?

    /// What a checkpoint keeps.
    ///
    /// - Parameter owner: the name of the run of several that it belongs to, for
    ///   `TrainingCheckpoint.drop`.
    package init(_ checkpoint: TrainingCheckpoint, owner: String? = nil) {
        self.checkpoint = checkpoint
        self.owner = owner
    }

    package func value<Value: Decodable>(
        _ key: StageKey, where isSound: (Value) -> Bool
    ) throws -> Value? {
        guard let name = checkpoint.found(key.name)?.value else { return nil }
        let bytes: [UInt8]
        do { bytes = try checkpoint.file(name).bytes(upTo: 1 << 30) } catch let error as FileError {
            throw checkpoint.damage(name, error.problem)
        }
        guard let value = try? JSONDecoder().decode(Value.self, from: Data(bytes)), isSound(value)
        else { throw checkpoint.damage(name, "is not what the stage \(key.name) wrote") }
        return value
    }

    package func keep(_ value: some Encodable, as key: StageKey) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let bytes = Array(try encoder.encode(value))
        let name = checkpoint.fileName(key.name, type: "json")
        checkpoint.keep(
            .init(owner: owner, value: name), as: key.name,
            [name: CheckpointFile(size: bytes.count) { try replaceFile(at: $0, with: bytes) }])
        checkpoint.writeIfDue(isMilestone: true)
    }

    package func tensors<Value>(
        _ key: StageKey, called title: String, _ read: (SafetensorsFile) throws -> Value
    ) throws -> Value? {
        guard let name = checkpoint.found(key.name)?.tensors else { return nil }
        let value = try checkpoint.readTensors(name, read)
        checkpoint.announce("\(title) are read from the checkpoint")
        return value
    }

    package func keep(_ tensors: [SafetensorsTensor], as key: StageKey) throws {
        let name = checkpoint.fileName(key.name)
        let size = 4 * tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
        let file = CheckpointFile(size: size) {
            try writeSafetensors(tensors, metadata: [:], to: $0)
        }
        checkpoint.drop(UnfinishedStage.partName(of: key.name))
        checkpoint.keep(.init(owner: owner, tensors: name), as: key.name, [name: file])
        checkpoint.writeIfDue(isMilestone: true)
    }

    package func unfinished(_ key: StageKey, called title: String) throws -> UnfinishedStage? {
        UnfinishedStage(checkpoint, key, called: title, owner: owner)
    }
}
