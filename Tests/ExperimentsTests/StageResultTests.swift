import Foundation
import Randomness
import TestSupport
import Testing
import Warrant

/// What stages compute from a small model and a few rows, pinned beside the version of each: stages
/// that were kept by code that computes something else must not be used. Figures may differ by the
/// rounding of other CPUs, and by no more.
@Suite("Results of stages, beside their versions", .serialized)
struct StageResultTests {
    private let tokenizer: any Tokenizer
    private let model: SequenceClassifier
    private let folder: TemporaryFolder

    init() throws {
        tokenizer = try Letters.tokenizer()
        let configuration = EncoderConfiguration(
            hiddenSize: 16, layers: 2, heads: 2, intermediateSize: 32,
            vocabularySize: Letters.vocabulary.count, maximumLength: 24)
        model = SequenceClassifier(configuration, labels: ["no", "yes"])
        // By the project's own draws, which no toolchain changes.
        var generator = SeededGenerator(seed: 4, stream: "test")
        for parameter in model.parameters.all {
            let tensor = model.parameters[parameter]
            let isNorm = parameter.name.lowercased().hasSuffix("norm.weight")
            for index in 0..<tensor.count {
                tensor.pointer[index] = isNorm ? 1 : Float(generator.unit() - 0.5)
            }
        }
        folder = try TemporaryFolder()
    }

    /// A classifier with attention over words.
    private var words: WordClassifier {
        let model = AttentionClassifier(
            AttentionConfiguration(
                encoder: LSTMEncoder.self, attention: .additive,
                shape: WordEncoderShape(
                    vocabularySize: Letters.vocabulary.count, embeddingSize: 12, hiddenSize: 16),
                labels: ["no", "yes"], readsPairs: false))
        model.initialize(seed: 4)
        return WordClassifier(model)
    }

    /// Complains where a stage has another version than its figures were pinned for.
    private func expectVersion(_ version: Int, of kind: StageKind) {
        #expect(
            kind.version == version,
            "the version of \(kind.name) was raised: pin its version and its new figures here")
    }

    private func expect(
        _ figures: [Float], near pinned: [Float], _ what: String, of kind: StageKind
    ) {
        let isSame =
            figures.count == pinned.count
            && zip(figures, pinned).allSatisfy { abs($0 - $1) < 1e-3 }
        let shown = figures.map { "\((Double($0) * 1e4).rounded() / 1e4)" }.joined(separator: ", ")
        #expect(
            isSame,
            """
            \(what) changed, so \(kind.name) stages that are kept are not what this code computes: \
            raise the version of the kind `\(kind.name)`, where its stage is declared, and of those that \
            follow from it, and `RunIdentity.computation`, by which checkpoints of \
            other code are refused, and pin them here with the new figures: \
            [\(shown)]
            """)
    }

    private static let text = "ab c, dE fgh i. jk lm n op; q"
    /// Of two chunks, of which a word has no piece.
    private static let longText = "a b \u{200B} c d e f g h i j k l m n o p q r s t u v w x y z."

    // MARK: Saliency

    private static let maps: [String: [Float]] = [
        "cls-attention": [
            0.1088, 0.1327, 0.0664, 0.1139, 0.1293, 0.0588, 0.0804, 0.0436, 0.2266, 0.0395,
        ],
        "attention": [
            0.1, 0.0989, 0.0945, 0.1478, 0.1015, 0.1019, 0.0988, 0.0474, 0.1556, 0.0535,
        ],
        "attention-rollout": [
            0.1462, 0.0921, 0.1144, 0.1607, 0.1015, 0.1049, 0.0849, 0.0382, 0.114, 0.0431,
        ],
        "attention-flow": [
            0.1021, 0.0911, 0.1285, 0.1733, 0.0942, 0.1026, 0.101, 0.0487, 0.107, 0.0515,
        ],
        "attention-norm": [
            0.1212, 0.1153, 0.0692, 0.1262, 0.1351, 0.0702, 0.0879, 0.0614, 0.1761, 0.0375,
        ],
        "effective-attention": [
            0.0981, 0.1236, 0.0893, 0.1119, 0.1096, 0.1112, 0.0966, 0.0585, 0.1649, 0.0361,
        ],
        "attention-gradient": [
            0.1191, 0.1599, 0.0927, 0.0883, 0.1812, 0.0524, 0.0466, 0.0772, 0.1674, 0.0151,
        ],
        "gradient": [
            0.2497, 0.0749, 0.1318, 0.1397, 0.0916, 0.0771, 0.0743, 0.0145, 0.1042, 0.0423,
        ],
        "gradient-x-input": [
            0.0254, 0.1549, 0.0556, 0.1281, 0.3329, 0.041, 0.1559, 0.0037, 0.0913, 0.0111,
        ],
        "fresh-gradient": [
            0.0097, 0.1264, 0.061, 0.1117, 0.3265, 0.0635, 0.1662, 0.0022, 0.1174, 0.0154,
        ],
        "integrated-gradients": [
            0.1045, 0.0967, 0.1658, 0.1108, 0.2084, 0.0731, 0.1007, 0.0101, 0.1106, 0.0192,
        ],
        "leave-one-out": [
            0.0745, 0.1517, 0.0, 0.108, 0.3302, 0.0147, 0.1761, 0.0186, 0.1261, 0.0,
        ],
        "lime:50": [
            0.084, 0.0778, 0.3335, 0.0235, 0.1926, 0.0847, 0.1062, 0.0003, 0.0282, 0.0694,
        ],
        "random": [
            0.1837, 0.0066, 0.15, 0.0801, 0.1155, 0.0339, 0.0582, 0.2002, 0.1374, 0.0345,
        ],
        "first": [
            0.3414, 0.1707, 0.1138, 0.0854, 0.0683, 0.0569, 0.0488, 0.0427, 0.0379, 0.0341,
        ],
        "human": [
            0.0, 0.3333, 0.3333, 0.0, 0.0, 0.0, 0.0, 0.3333, 0.0, 0.0,
        ],
    ]

    @Test func saliencyMaps() throws {
        expectVersion(3, of: SaliencyStage.kind)
        let document = Document(Self.text, humanRationale: [1..<3, 7..<8])
        for entry in SaliencyScorers.entries {
            let name = entry.name == "lime" ? "lime:50" : entry.name
            let model: any TextClassifier = name == "attention" ? words : model
            let extractor = Extractor(
                .saliency(try SaliencyScorers.named(name), of: model), tokenizer: tokenizer,
                thresholder: TopK(ratio: 1), chunk: ChunkSize(length: 24, stride: 16))
            let extraction = try extractor.extract([document], workers: Workers(threads: 1))[0]
            let scores = try #require(extraction).saliency.scores
            guard let pinned = Self.maps[name] else {
                Issue.record("\(name) has no map here: pin \(scores)")
                continue
            }
            expect(scores, near: pinned, name, of: SaliencyStage.kind)
        }
    }

    // MARK: Selections

    private static let selections: [ThresholderName: [[Int]]] = [
        .topK: [[0, 7], [0, 6, 7, 13, 19, 25], [4], [1]],
        .contiguous: [[7, 8], [6, 7, 8, 9, 10, 11], [4], [1]],
        .topP: [[0, 2, 7], [0, 6, 7, 13, 17, 19, 25], [2, 4], [1]],
        .sentences: [[7, 8], [6, 7, 8, 9, 10, 11], [4], [1]],
        .globalTopK: [[0, 2, 7, 8], [0, 6, 7, 10, 13, 16, 17, 19, 25], [2, 3, 4], [1]],
        .globalContiguous: [[7, 8], [6, 7], [2, 3, 4], [1]],
        .threshold: [[0, 2, 3, 4, 6, 7, 8], [0, 6, 7, 10, 13, 16, 17, 19, 25], [2, 3, 4], [1]],
    ]
    private static let randomWords = [[0, 4, 5], [2], [1, 2], [5]]

    @Test func selections() throws {
        expectVersion(5, of: CellStage.kind)
        let remedy: Comment =
            """
            selections changed, so cells that are kept are not what this code computes: raise the \
            version of `CellStage.kind`, and pin it here with the new selections
            """
        let documents = [
            Document(Self.text), Document(Self.longText),
            Document("\u{200B} a b. c d", humanRationale: []),
        ]
        // Scores that are the same on every CPU, and scores that are all zero, of a document whose first
        // word has no piece.
        for name in ThresholderName.allCases {
            var settings = ThresholderSettings(name)
            if name.options.contains(.cutOff), !name.options.contains(.ratio) {
                settings.cutOff = 0.05
            }
            if name.options.contains(.mass) { settings.mass = 0.5 }
            settings = try settings.calibrated(on: [[0.1, 0.2, 0.3, 0.4], [0.5, 0.25, 0.25]])
            let selections = try ["random", "human"].flatMap { scorer in
                try Extractor(
                    .saliency(try SaliencyScorers.named(scorer), of: model), tokenizer: tokenizer,
                    thresholder: try settings.thresholder(),
                    chunk: ChunkSize(length: 24, stride: 16)
                ).extract(
                    scorer == "human" ? [documents[2]] : documents, workers: Workers(threads: 1)
                ).map { $0?.rationale.selection ?? [] }
            }
            guard let pinned = Self.selections[name] else {
                Issue.record("\(name.rawValue) has no selections here: pin \(selections)")
                continue
            }
            #expect(selections == pinned, remedy)
        }
        let like = Splits(train: [[0, 1, 4], [2]], dev: [[1, 2]], test: [[5]])
        let words = Splits(train: [9, 4], dev: [6], test: [8])
        let random = Control.random.selections(like: like, words: words, seed: 1)
        #expect(random.train + random.dev + random.test == Self.randomWords, remedy)
    }

    // MARK: Training

    private static let supportLogits: [Float] = [
        0.0015, -0.0361, 0.0059, -0.0397, 0.0231, -0.0495,
    ]
    private static let classifierLogits: [Float] = [
        0.0942, -0.0604, 0.0848, -0.0687, 0.0891, -0.058,
    ]
    private static let taggerScores: [Float] = [
        0.1008, 0.1077, 0.1045, 0.1243, 0.1142, 0.1215, 0.1057, 0.1023, 0.1191, 0.1081, 0.1046,
        0.0843, 0.1073, 0.0903, 0.0908, 0.1038, 0.1212, 0.0924, 0.0971, 0.1764, 0.1428, 0.1808,
        0.15, 0.1681, 0.1819,
    ]

    @Test func trainedModels() throws {
        #expect(RunIdentity.computation == 1, "pin it here with the figures that are new")
        expectVersion(2, of: SupportStage.kind)
        expectVersion(2, of: ClassifierStage.kind)
        try model.save(to: URL(fileURLWithPath: folder.path), encoderOnly: true)
        _ = try folder.file("vocab.txt", Letters.vocabulary.joined(separator: "\n") + "\n")
        let rows = (0..<16).map { number in
            let words = (0..<(6 + number % 5)).map { word in
                ["ab", "cd", "e", "fgh", "i", "jk", "lm"][(number * 3 + word * word) % 7]
            }
            return "\(number % 2 == 0 ? "no" : "yes")\t\(words.joined(separator: " "))"
        }
        for (name, part) in [("train", rows[..<10]), ("dev", rows[10..<13]), ("test", rows[13...])]
        {
            _ = try folder.file(
                "\(name).tsv", "label\ttext\n" + part.joined(separator: "\n") + "\n")
        }
        func run(_ more: String) throws -> Set<String> {
            let grid = try folder.file(
                "grid.json",
                """
                {"encoder": ".", "scorers": ["cls-attention"], "thresholders": ["top-k"],
                 "data": [{"name": "tiny", "train": "train.tsv", "dev": "dev.tsv",
                           "test": "test.tsv"}],
                 "ratios": [0.4], "seeds": [3]\(more),
                 "recipe": {"epochs": 3, "batch_size": 4, "learning_rate": 1e-2}}
                """)
            let run = try ExperimentRun(
                ExperimentFile(path: grid),
                output: URL(fileURLWithPath: folder.path + "/out"), threads: 2)
            _ = try run.results(of: run.cells())
            return Set(
                try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out/stages"))
        }
        func logits(_ file: String) throws -> [Float] {
            let data = try Data(
                contentsOf: URL(fileURLWithPath: "\(folder.path)/out/stages/\(file)"))
            let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            let logits = try #require(object?["test_logits"] as? [[Double]])
            return logits.joined().map { Float($0) }
        }
        let first = try run("")
        let support = try #require(first.first { $0.hasPrefix("support-") })
        expect(
            try logits("\(support)/scores.json"), near: Self.supportLogits,
            "the support model's logits", of: SupportStage.kind)
        let classifier = try #require(first.first { $0.hasPrefix("classifier-") })
        expect(
            try logits(classifier), near: Self.classifierLogits, "the classifier's logits",
            of: ClassifierStage.kind)
        let tagger = try #require(
            try run(", \"extractor\": \"tagger\"").subtracting(first)
                .first { $0.hasPrefix("saliency-") })
        let scores = try SafetensorsFile(
            path: "\(folder.path)/out/stages/\(tagger)/saliency.safetensors"
        ).floats("test")
        expect(scores, near: Self.taggerScores, "the tagger's scores", of: SaliencyStage.kind)
    }
}
