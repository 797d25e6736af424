package import Encoders
import Foundation
package import Tensors
package import Tokenization

/// The encoders of Jain & Wallace (2019) as PyTorch recorded them in double precision
/// (`shared/reference/diagnostics/encoders.{json,safetensors}`).
package struct RecordedEncoders {
    /// Inputs and scalars.
    package struct Values: Decodable {
        package let vocabulary, embedding: Int
        package let inputs, questions: [[Int32]]
        package let labels: [Double]
        package let answers: [Int]
        package let positive_weight: Double
        package let scalars: [String: Double]
    }

    /// The models of one sequence, such as `lstm-tanh`.
    package static let singles = WordEncoders.all.flatMap { encoder in
        AttentionScore.allCases.map { "\(encoder.name)-\($0.rawValue)" }
    }
    /// The models of two.
    package static let pairs = singles.map { "pair-\($0)" }
    /// The folder of the recordings.
    package static let folder = Outside.shared.appendingPathComponent("reference/diagnostics")

    package let values: Values
    package let file: SafetensorsFile

    package init() throws {
        values = try JSONDecoder().decode(
            Values.self,
            from: Data(contentsOf: Self.folder.appendingPathComponent("encoders.json")))
        file = try SafetensorsFile(
            path: Self.folder.appendingPathComponent("encoders.safetensors").path)
    }

    /// The texts.
    package var documents: [TokenizedDocument] { values.inputs.map { Recordings.sentence($0) } }

    /// The questions that a model reads beside the texts; nil for one sequence.
    package func questions(_ name: String) -> [TokenizedDocument]? {
        name.hasPrefix("pair") ? values.questions.map { Recordings.sentence($0) } : nil
    }

    /// The model of this name with the recorded weights.
    ///
    /// Throws where the recording lacks a parameter, or has one of another size.
    package func model(_ name: String) throws -> AttentionClassifier {
        let parts = name.split(separator: "-").suffix(2).map { String($0) }
        let isPair = name.hasPrefix("pair")
        guard let encoder = WordEncoders.named(parts[0]),
            let attention = AttentionScore(rawValue: parts[1])
        else { preconditionFailure("no model \(name)") }
        let model = AttentionClassifier(
            encoder: encoder, attention: attention,
            WordEncoderShape(
                vocabularySize: values.vocabulary, embeddingSize: values.embedding,
                // Three filters of each width.
                hiddenSize: parts[0] == "cnn" ? 12 : 6),
            outputs: isPair ? 3 : 1, hasQuestion: isPair)
        for parameter in model.parameters.all {
            try file.readFloats(
                "\(name).weights.\(parameter.name)", shape: nil,
                into: model.parameters[parameter].buffer)
        }
        return model
    }

    /// One shard of the recorded training step, over some of the texts.
    ///
    /// - Returns: each text's part of the loss.
    package func trainingPass(
        _ model: AttentionClassifier, _ range: Range<Int>? = nil, on tape: Tape
    ) -> [Double] {
        let range = range ?? documents.indices
        let batch = PackedBatch(documents[range])
        guard model.questionEncoder != nil else {
            let labels = values.labels[range].map { Int($0) }
            return model.trainingPass(
                batch, labels: labels, scales: labels.map { $0 == 1 ? values.positive_weight : 1 },
                weight: 1, on: tape)
        }
        let share = 1 / Double(documents.count)
        let losses = model.trainingPass(
            batch,
            questions: PackedBatch(values.questions[range].map { Recordings.sentence($0) }),
            labels: Array(values.answers[range]), weight: share, on: tape)
        return losses.map { $0 * share }
    }

    /// A recording [texts, 11 positions, columns], without the padding: by text.
    package func rows(_ name: String) throws -> [[Float]] {
        let padded = try file.floats(name)
        let longest = values.inputs.map(\.count).max() ?? 0
        let text = padded.count / values.inputs.count
        return values.inputs.enumerated().map { index, ids in
            Array(padded[(index * text)...].prefix(ids.count * text / longest))
        }
    }
}
