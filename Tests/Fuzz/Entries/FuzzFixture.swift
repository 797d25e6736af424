import Foundation
import TestSupport
import Warrant

/// The files around an input, and a tiny model that is trained for them: made once.
struct FuzzFixture: Sendable {
    static let shared = Result { try FuzzFixture() }

    /// Where inputs are written, one at a time.
    let folder: URL
    /// A model of two classes, on disk in `model` too.
    let model: RationaleModel
    /// The digests of its files, as `warrant.json` has them.
    let files: String

    private let owner: TemporaryFolder

    private init() throws {
        owner = try TemporaryFolder()
        folder = owner.url
        let encoder = folder.appendingPathComponent("encoder")
        try owner.file("encoder/vocab.txt", Letters.vocabulary.joined(separator: "\n") + "\n")
        let configuration = EncoderConfiguration(
            hiddenSize: 8, layers: 1, heads: 2, intermediateSize: 8,
            vocabularySize: Letters.vocabulary.count, maximumLength: 32)
        try SequenceClassifier(configuration, labels: ["any", "other"]).randomized(
            seed: 1, range: 0.5
        ).save(to: encoder)

        let rows = try owner.file("train.tsv", "text\tlabel\na dull film\tno\na warm film\tyes\n")
        let examples = try ExampleReader.examples(path: rows, options: DatasetOptions())
        var options = TrainingOptions()
        options.recipe.epochs = 1
        let outcome = try RationaleTraining(
            encoder: encoder,
            data: TrainingData(train: examples, dev: examples, test: [], seed: 0),
            options: options
        ).run()
        let place = folder.appendingPathComponent("model")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try outcome.model.write(
            to: place, encoder: encoder, as: .f32,
            card: ModelCard(data: [], chunkedDocuments: 0, weights: .f32))
        model = try RationaleModel(folder: place, threads: 1, precision: .fp32)
        files = String(
            decoding: try JSONSerialization.data(withJSONObject: model.manifest.files),
            as: UTF8.self)

        try owner.file("eraser/docs/one", "a b  c d\ne f\n\n")
        try owner.file("eraser/docs/two", "\t g h\u{A0}i j \r\nk")
        try owner.file("tokenizer/none", "")
    }

    /// Writes a file in the folder and returns its path.
    @discardableResult
    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        let path = folder.appendingPathComponent(name).path
        // Not Foundation's, which would sync a thousand files a second.
        guard let file = fopen(path, "w") else { throw CocoaError(.fileWriteUnknown) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw CocoaError(.fileWriteOutOfSpace)
        }
        return path
    }

    func remove(_ name: String) { unlink(folder.appendingPathComponent(name).path) }
}
