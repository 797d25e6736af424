import Classifiers
import Encoders
import Files
import Models
import Saliency
import Tokenization
import Training

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A transformer of a Hugging Face folder: classifiers are fine-tuned from its weights, with new
/// heads.
package struct PretrainedEncoder: ClassifierOrigin {
    /// The folder's files, read once for all stages.
    private let files: FolderFiles

    /// The encoder of a folder.
    package init(_ files: FolderFiles) { self.files = files }

    package var name: String { EncoderLocation.name(of: URL(filePath: files.path)) }
    package var place: String { files.path }
    package var usualScorer: String { TrainingOptions().scorer }
    package var usualRecipe: TrainingRecipe { TrainingRecipe() }
    package var record: TrainingRecord.WordModel? { nil }

    package func digest() throws -> String {
        FileDigests.stage(files: try FileDigests.files(files))
    }

    package func configuration() throws -> any ClassifierConfiguration {
        try EncoderConfiguration(files)
    }

    package func tokenizerFiles() throws -> [(name: String, bytes: [UInt8])] {
        try RationaleModel.tokenizerFiles(of: files)
    }

    package func tokenizer(words: WordRule) throws -> any Tokenizer {
        try openTokenizer(files, words: words)
    }

    package func check(_ options: TrainingOptions) {}

    package func newTagger(seed: UInt64) throws -> TokenTagger {
        try TokenTagger(encoder: files, seed: seed)
    }

    package func train(
        _ training: ClassifierTraining, in graph: StageGraph
    ) throws -> ClassifierTraining.Outcome {
        let model = try SequenceClassifier(
            encoder: files, labels: training.labels, seed: training.options.seed)
        try RationaleClassifier.check(
            training.tokenizer, fits: model.configuration, folder: URL(filePath: files.path))
        return try training.run(
            model,
            ClassificationTask(
                train: training.data.train, dev: training.data.dev,
                classWeights: training.classWeights), metric: "dev macro-F1", in: graph
        ) { $0 }
    }
}
