import AttentionModels
import Classifiers
import Encoders
import Errors
import JSON
import Models
import Saliency
import Tokenization
import Training

/// An encoder of words with attention that learns from the beginning, on the embeddings of words of
/// the training texts (Jain & Wallace 2019).
///
/// All stages have one vocabulary: the words of the training texts. Ids then mean the same
/// everywhere, and a control's words, which no rationale may have, are known to the classifier as
/// well.
package struct WordEncoderOrigin: ClassifierOrigin {
    private let options: AttentionOptions
    private let vocabulary: WordVocabulary
    private let readsPairs: Bool
    /// Of the vocabulary's words; nil: at random.
    private let vectors: WordVectors?
    private let shape: AttentionConfiguration
    private let digestText: String

    /// An encoder for rows.
    ///
    /// - Throws: `WarrantError` for options that are out of their ranges, and for word vectors that
    ///   cannot be read; `FileError`, `EncoderError`, `TokenizerError`, `SafetensorsError`.
    package init(_ options: AttentionOptions, data: TrainingData) throws {
        try options.validate()
        self.options = options
        vocabulary = WordData.vocabulary(of: data, options)
        readsPairs = data.usesQuery
        let source = try options.embeddings.digest()
        vectors = try options.embeddings.vectors(of: vocabulary, size: options.embeddingSize)
        shape = try options.configuration(
            words: vocabulary.words.count, width: vectors?.size, labels: data.labels,
            readsPairs: readsPairs)
        let parts: JSONText = [
            "encoder": .string(options.encoder), "attention": .string(options.attention.rawValue),
            "embeddings": .string(source),
            "embedding_size": .integer(shape.shape.embeddingSize),
            "hidden_size": .integer(options.hiddenSize), "reads_pairs": .bool(readsPairs),
            "vocabulary": .string(FileDigests.sha256(vocabulary.tokenizerJSON())),
        ]
        digestText = FileDigests.sha256(Array(parts.write().utf8))
    }

    package var name: String { options.encoder }
    package var place: String { "the encoder \(options.encoder)" }
    package var usualScorer: String { WordAttentionWeights().name }
    package var usualRecipe: TrainingRecipe { options.recipe(pairs: readsPairs) }
    package var record: TrainingRecord.WordModel? {
        TrainingRecord.WordModel(
            attention: options.attention.rawValue, embeddings: options.embeddings.title,
            embeddingSize: shape.shape.embeddingSize, hiddenSize: options.hiddenSize,
            minimumDocuments: options.minimumDocuments,
            vocabulary: vocabulary.words.count - WordVocabulary.specialWords.count,
            epochChosenBy: WordClassificationTask.metricName(outputs: shape.outputs))
    }

    package func digest() -> String { digestText }
    package func configuration() -> any ClassifierConfiguration { shape }
    package func tokenizerFiles() -> [(name: String, bytes: [UInt8])] {
        [("tokenizer.json", vocabulary.tokenizerJSON())]
    }
    package func tokenizer(words: WordRule) throws -> any Tokenizer {
        try vocabulary.tokenizer(words: words)
    }

    package func check(_ options: TrainingOptions) throws {
        func require(_ holds: Bool, _ problem: String) throws {
            guard holds else { throw WarrantError(.wrongUsage, "\(place) \(problem)") }
        }
        try require(
            options.tagging == nil,
            "makes no tagger, which is a transformer; leave --extractor tagger out")
        try require(
            options.words == .whitespace,
            "reads the words between white space; leave --words unicode out, or give a transformer")
        try require(
            [options.recipe, options.classifierRecipe ?? options.recipe].allSatisfy {
                $0.warmup == 0
            }, "learns at a constant rate; leave --warmup and --classifier-warmup out")
    }

    package func newTagger(seed: UInt64) throws -> TokenTagger {
        throw WarrantError(.wrongUsage, "\(place) makes no tagger, which is a transformer")
    }

    package func train(
        _ training: ClassifierTraining, in graph: StageGraph
    ) throws -> ClassifierTraining.Outcome {
        var options = options
        options.seed = training.options.seed
        let model = WordClassifier(options.newModel(shape, vectors))
        let task = WordClassificationTask(
            train: training.data.train, dev: training.data.dev, model.configuration,
            classWeights: training.recipe.classWeights == .none ? nil : training.classWeights)
        return try training.run(model, task, metric: "dev \(task.metricName)", in: graph) {
            $0.metrics
        }
    }
}
