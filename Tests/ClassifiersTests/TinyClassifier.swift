import Classifiers
import Encoders
import Foundation
import Tensors
import Tokenization

/// A classifier with random weights and a vocabulary of single letters, so that it can read any
/// lower-case word.
enum TinyClassifier {
    /// A classifier; the same for the same seed.
    static func make(seed: UInt64 = 1) throws -> RationaleClassifier {
        let letters = "abcdefghijklmnopqrstuvwxyz".map(String.init)
        let vocabulary =
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + letters + letters.map { "##" + $0 }
        let folder = try TemporaryFolder()
        try folder.write("vocab.txt", vocabulary.joined(separator: "\n") + "\n")

        var configuration = EncoderConfiguration(
            hiddenSize: 32, layers: 2, heads: 2, intermediateSize: 64,
            vocabularySize: vocabulary.count, maximumLength: 64)
        configuration.labels = ["negative", "positive"]
        let model = SequenceClassifier(configuration)
        var generator = SeededGenerator(seed: seed)
        for parameter in model.parameters.all {
            let tensor = model.parameters[parameter]
            let isNorm = parameter.name.hasSuffix("LayerNorm.weight")
            for index in 0..<tensor.count {
                tensor.pointer[index] =
                    isNorm ? 1 : Float.random(in: -0.3...0.3, using: &generator)
            }
        }
        return RationaleClassifier(
            model: model, tokenizer: try openTokenizer(folder: folder.url),
            window: WindowSize(length: 64, stride: 40))
    }
}

/// A folder that lives as long as its owner.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "warrant-classifiers-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: url.appendingPathComponent(name))
    }
}
