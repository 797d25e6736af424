import Files
import Foundation
import Randomness
import TestSupport
import Warrant

/// A folder with an encoder of a few thousand numbers and a few rows, each of which has marked words.
struct TinyExperiment {
    let folder: TemporaryFolder
    let data: TrainingData

    init() throws {
        folder = try TemporaryFolder()
        let configuration = EncoderConfiguration(
            hiddenSize: 16, layers: 1, heads: 2, intermediateSize: 16,
            vocabularySize: Letters.vocabulary.count, maximumLength: 24)
        let model = SequenceClassifier(configuration, labels: ["no", "yes"]).randomized(
            seed: 4, range: 0.5)
        try model.save(to: folder.url, encoderOnly: true)
        _ = try folder.file("vocab.txt", Letters.vocabulary.joined(separator: "\n") + "\n")
        var sets: [[Example]] = []
        for (name, numbers) in [("train", 0..<10), ("dev", 10..<14), ("test", 14..<18)] {
            let path = try folder.file("\(name).jsonl", numbers.map(Self.row).joined())
            sets.append(
                try ExampleReader.examples(
                    path: path, options: DatasetOptions(), report: { _ in }))
        }
        data = try TrainingData(train: sets[0], dev: sets[1], test: sets[2], seed: 0)
    }

    private static func row(_ number: Int) -> String {
        let words = (0..<(6 + number % 5)).map { word in
            ["ab", "cd", "e", "fgh", "i", "jk", "lm"][(number * 3 + word * word) % 7]
        }
        return """
            {"text": "\(words.joined(separator: " "))", "label": "\(number % 2 == 0 ? "no" : "yes")", \
            "rationale": [[0, 2]]}

            """
    }

    /// How models are trained.
    var options: TrainingOptions {
        var options = TrainingOptions()
        options.recipe.epochs = 2
        options.recipe.batchSize = 4
        options.recipe.learningRate = 1e-2
        options.selection = ThresholderSettings(.topK, ratio: 0.4)
        options.seed = 3
        return options
    }

    /// The run of FRESH on these rows.
    func run() throws -> FreshRun {
        try FreshRun(encoder: FolderFiles(folder.path), data: data, options: options)
    }

    /// An experiment with two cells that are selected and two controls, by taggers.
    ///
    /// - Parameter output: a name in the folder.
    func experiment(output: String) throws -> ExperimentRun {
        let grid = try folder.file(
            "grid.json",
            """
            {"encoder": ".", "scorers": ["cls-attention"], "thresholders": ["top-k", "contiguous"],
             "data": [{"name": "tiny", "train": "train.jsonl", "dev": "dev.jsonl",
                       "test": "test.jsonl"}],
             "ratios": [0.4], "seeds": [3], "controls": ["random"],
             "extractor": "tagger", "human_share": 0.3,
             "recipe": {"epochs": 2, "batch_size": 4, "learning_rate": 1e-2}}
            """)
        return try ExperimentRun(
            ExperimentFile(path: grid), output: folder.url.appendingPathComponent(output),
            threads: 1)
    }

    /// The names in a folder.
    func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(path)").sorted()
    }
}
