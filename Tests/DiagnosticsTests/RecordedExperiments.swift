import Encoders
import Foundation
import Tensors
import TestSupport
import Tokenization

/// Experiments of the attention debate as PyTorch recorded them in double precision
/// (`shared/reference/diagnostics/experiments.{json,safetensors}`).
struct RecordedExperiments {
    struct Values: Decodable {
        let permutation: Permutation
        let adversarial: Adversarial
        let erasure: Erasure
        let guide: Guide
        let adversarial_training: AdversarialTraining
    }

    struct Permutation: Decodable {
        struct Row: Decodable {
            let permutations: [[Int]]
            let probabilities: [Double]
            let probability, median_difference, max_attention: Double
        }
        let rows: [Row]
    }

    struct Adversarial: Decodable {
        struct Loss: Decodable {
            let step: Int
            let loss: Double
        }
        struct Row: Decodable {
            let jsd, difference: [Double]
            let epsilon_max_jsd: Double
            let best: Int
        }
        let K: Int
        let losses: [Loss]
        let final_loss: Double
        let rows: [Row]
    }

    struct Erasure: Decodable {
        struct Removal: Decodable {
            let removed: Int
            let fraction, mass: Double
        }
        struct Single: Decodable {
            let index: Int
            let attention, js: Double
            let flip: Bool
        }
        struct Row: Decodable {
            let input: [Int32]
            let decision: Int
            let attention, gradient: [Double]
            let orders: [String: [Int]]
            let random_orders: [[Int]]
            let until_flip: [String: Removal]
            let until_flip_from_lowest: Removal
            let until_flip_random: [Removal]
            let single_highest: Single
            let single_random_other: Single?
            let delta_js, delta_attention: Double?
        }
        let rows: [Row]
    }

    struct Guide: Decodable {
        let loss: Double
    }

    struct AdversarialTraining: Decodable {
        let lambda_, loss_sum: Double
        let kl, tvd, jsd: [Double]
    }

    let values: Values
    let file: SafetensorsFile
    let encoders: RecordedEncoders

    init() throws {
        encoders = try RecordedEncoders()
        let folder = RecordedEncoders.folder
        values = try JSONDecoder().decode(
            Values.self,
            from: Data(contentsOf: folder.appendingPathComponent("experiments.json")))
        file = try SafetensorsFile(
            path: folder.appendingPathComponent("experiments.safetensors").path)
    }

    /// The recurrent model of three classes whose weights are erased.
    func erasureModel() throws -> AttentionClassifier {
        let model = AttentionClassifier(
            encoder: LSTMEncoder.self, attention: .additive,
            WordEncoderShape(
                vocabularySize: encoders.values.vocabulary,
                embeddingSize: encoders.values.embedding, hiddenSize: 6), outputs: 3)
        for parameter in model.parameters.all {
            try file.readFloats(
                "erasure.weights.\(parameter.name)", shape: nil,
                into: model.parameters[parameter].buffer)
        }
        return model
    }

    /// A recording [texts, K, 11 positions], of words alone: [texts][K][words].
    func vectors(_ name: String) throws -> [[[Float]]] {
        let all = try file.floats(name)
        let inputs = encoders.values.inputs
        let count = values.adversarial.K
        let longest = all.count / (inputs.count * count)
        return inputs.enumerated().map { text, ids in
            (0..<count).map { k in
                // After the start symbol.
                Array(all[((text * count + k) * longest + 1)...].prefix(ids.count - 2))
            }
        }
    }
}

extension RecordedEncoders {
    /// The texts of a recorded model, their states held fixed.
    func attendedTexts(_ name: String, threads: Int = 1) throws -> [AttendedText] {
        try model(name).attend(
            documents, questions: questions(name), workers: Workers(threads: threads)
        ) { $1 }
    }
}
