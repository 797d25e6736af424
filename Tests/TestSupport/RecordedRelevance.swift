package import Encoders
import Foundation
package import Tensors
package import Tokenization

/// A classifier with output relevance as PyTorch recorded it in double precision
/// (`shared/reference/diagnostics/experiments.{json,safetensors}`, `output_relevance`).
package struct RecordedRelevance {
    /// What the model makes of a text under one kind of attention.
    package struct Values: Decodable {
        package let alpha, beta, influence: [Double]
        package let score, loss: Double
    }

    /// A text.
    package struct Row: Decodable {
        package let input: [Int32]
        package let label: Double
        package let standard, uniform: Values
    }

    private struct Recording: Decodable {
        let mean_loss: Double
        let rows: [Row]
    }

    private struct File: Decodable {
        let output_relevance: Recording
    }

    package let rows: [Row]
    package let meanLoss: Double
    package let file: SafetensorsFile

    package init() throws {
        let folder = RecordedEncoders.folder
        let recording = try JSONDecoder().decode(
            File.self, from: Data(contentsOf: folder.appendingPathComponent("experiments.json"))
        ).output_relevance
        (rows, meanLoss) = (recording.rows, recording.mean_loss)
        file = try SafetensorsFile(
            path: folder.appendingPathComponent("experiments.safetensors").path)
    }

    /// The texts.
    package var documents: [TokenizedDocument] { rows.map { Recordings.sentence($0.input) } }
    /// Their classes.
    package var labels: [Int] { rows.map { Int($0.label) } }

    /// The model with the recorded weights.
    ///
    /// Throws where the recording lacks a parameter, or has one of another size.
    package func model() throws -> RelevanceClassifier {
        let model = RelevanceClassifier(
            WordEncoderShape(vocabularySize: 20, embeddingSize: 8, hiddenSize: 6),
            attentionSize: 7)
        for parameter in model.parameters.all {
            try file.readFloats(
                "relevance.weights.\(parameter.name)", shape: nil,
                into: model.parameters[parameter].buffer)
        }
        return model
    }
}
