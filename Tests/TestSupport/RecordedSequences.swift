package import Encoders
import Foundation
package import Tensors

/// A sequence-to-sequence model with attention as PyTorch recorded it in double precision
/// (`shared/reference/diagnostics/experiments.{json,safetensors}`, `seq2seq`).
package struct RecordedSequences {
    /// A pair, and what the model makes of it.
    package struct Row: Decodable {
        package let source, target: [Int32]
        package let loss, uniform_loss: Double
        package let log_probabilities, attention, beta, uniform_beta: [[Double]]
    }

    private struct Recording: Decodable {
        let vocabulary, hidden: Int
        let rows: [Row]
    }

    private struct Recordings: Decodable {
        let seq2seq: Recording
    }

    package let rows: [Row]
    package let file: SafetensorsFile
    private let shape: SequenceToSequence.Shape

    package init() throws {
        let folder = RecordedEncoders.folder
        let recording = try JSONDecoder().decode(
            Recordings.self,
            from: Data(contentsOf: folder.appendingPathComponent("experiments.json"))
        ).seq2seq
        rows = recording.rows
        shape = SequenceToSequence.Shape(
            vocabularySize: recording.vocabulary, hiddenSize: recording.hidden)
        file = try SafetensorsFile(
            path: folder.appendingPathComponent("experiments.safetensors").path)
    }

    /// The pairs.
    package var pairs: [SequencePair] {
        rows.map { SequencePair(source: $0.source, target: $0.target) }
    }

    /// The model with the recorded weights.
    ///
    /// Throws where the recording lacks a parameter, or has one of another size.
    package func model() throws -> SequenceToSequence {
        let model = SequenceToSequence(shape)
        for parameter in model.parameters.all {
            try file.readFloats(
                "seq2seq.weights.\(parameter.name)", shape: nil,
                into: model.parameters[parameter].buffer)
        }
        return model
    }
}
