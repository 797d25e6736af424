import Foundation
import TestSupport
import Testing
import Warrant

/// A tiny encoder with random weights, rows to train on, and a model that the command trained on them:
/// made once, by the real binary, for all tests.
struct TinyModel {
    /// The folder of everything.
    let folder: String
    /// A BERT folder: 2 layers, 32 wide, 64 tokens.
    var encoder: String { "\(folder)/encoder" }
    /// 40 labelled rows.
    var train: String { "\(folder)/train.tsv" }
    /// 12 labelled rows.
    var dev: String { "\(folder)/dev.tsv" }
    /// The trained model.
    var model: String { "\(folder)/model" }

    private static let words = [
        "a", "the", "film", "story", "actor", "plot", "is", "was", "and", "good", "bright", "warm",
        "funny", "dull", "lifeless", "bad", "cold", "slow", ",", ".",
    ]

    /// The one that tests share; removed when the process ends.
    static let shared: Result<TinyModel, any Error> = Result {
        let folder = NSTemporaryDirectory() + "warrant-tiny-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        sharedFolder = folder
        atexit { try? FileManager.default.removeItem(atPath: TinyModel.sharedFolder) }
        let tiny = TinyModel(folder: folder)
        try writeEncoder(.bert, to: tiny.encoder)
        try rows(40).write(toFile: tiny.train, atomically: true, encoding: .utf8)
        try rows(12).write(toFile: tiny.dev, atomically: true, encoding: .utf8)
        let outcome = try Command.run(tiny.training(output: tiny.model) + ["--test", tiny.dev])
        try #require(outcome.status == 0, "\(outcome.errors)")
        return tiny
    }
    nonisolated(unsafe) private static var sharedFolder = ""

    /// Arguments that train a model in about a second, of another encoder where one is given.
    func training(output: String, encoder other: String? = nil) -> [String] {
        [
            "train", "--encoder", other ?? encoder, "--train", train, "--dev", dev, "--output",
            output, "--epochs", "1", "--batch-size", "8", "--learning-rate", "1e-3",
        ]
    }

    /// Labelled rows with a header, the same for the same count.
    static func rows(_ count: Int) -> String {
        var text = "sentence\tlabel\n"
        for row in 0..<count {
            text += "\(sentence(row))\t\(row % 2 == 0 ? "negative" : "positive")\n"
        }
        return text
    }

    /// A sentence of 6 to 14 words.
    static func sentence(_ number: Int) -> String {
        (0..<(6 + number % 9)).map { words[(number * 7 + $0 * $0 * 3 + $0) % words.count] }
            .joined(separator: " ")
    }

    /// Writes an altered manifest over a model's, with the digest that fits it.
    static func seal(_ manifest: String, to model: String) throws {
        try Data(ManifestDigest.sealed(Array(manifest.utf8)))
            .write(to: URL(fileURLWithPath: model + "/warrant.json"))
    }

    /// Writes the folder of an encoder of a family: 2 layers, 32 wide, 64 tokens unless told otherwise.
    static func writeEncoder(
        _ family: EncoderFamily, to path: String, width: Int = 32, tokens: Int = 64
    ) throws {
        let folder = URL(fileURLWithPath: path, isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let tokenizer =
            try family == .roberta
            ? ByteLevelFiles.plain(merges)
            : ["vocab.txt": Data((vocabulary.joined(separator: "\n") + "\n").utf8)]
        for (name, bytes) in tokenizer {
            try bytes.write(to: folder.appendingPathComponent(name))
        }
        let configuration = EncoderConfiguration(
            hiddenSize: width, layers: 2, heads: 2, intermediateSize: 2 * width,
            vocabularySize: try openTokenizer(folder: folder).vocabularySize, maximumLength: tokens
        ).adapted(to: family)
        let model = SequenceClassifier(configuration, labels: ["any", "other"]).randomized(
            seed: 7, range: 0.2)
        try model.save(to: folder)
    }

    /// WordPiece: the words, and letters for others.
    private static var vocabulary: [String] {
        let letters = "abcdefghijklmnopqrstuvwxyz".map(String.init)
        return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + words + letters.dropFirst()
            + letters.map { "##" + $0 }
    }

    /// Byte-level BPE: a word with the space before it, which is U+0120 there, is a piece.
    private static var merges: [String] {
        var merges: [String] = []
        for word in words {
            var piece = "\u{120}"
            for letter in word {
                let merge = "\(piece) \(letter)"
                if !merges.contains(merge) { merges.append(merge) }
                piece.append(letter)
            }
        }
        return merges
    }
}
