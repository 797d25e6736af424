import Errors
import Tensors
import Tokenization

/// What a model folder's `README.md` tells its reader: data, recipe, scores, use and limits.
public struct ModelCard: Sendable, Equatable {
    /// A set of rows that took part.
    public struct DataSet: Sendable, Equatable {
        /// What it was for, such as `train`.
        public var role: String
        /// The file's name, without its folders.
        public var name: String
        /// How many documents were used.
        public var documents: Int

        /// A set of rows.
        public init(role: String, name: String, documents: Int) {
            self.role = role
            self.name = name
            self.documents = documents
        }
    }

    /// The sets of rows, in the order in which they are listed.
    public var data: [DataSet]
    /// How many documents of all sets are longer than one chunk.
    public var chunkedDocuments: Int
    /// How the weights are stored.
    public var weights: FloatFormat

    /// A card's facts that the manifest does not hold.
    public init(data: [DataSet], chunkedDocuments: Int, weights: FloatFormat) {
        self.data = data
        self.chunkedDocuments = chunkedDocuments
        self.weights = weights
    }

    /// The card as Markdown.
    package func text(_ manifest: ModelManifest) -> String {
        let training = manifest.training
        let labels = manifest.labels.map(Self.code).joined(separator: ", ")
        let query = manifest.usesQuery ? " --query \"what is asked about it\"" : ""
        return """
            # A Warrant model

            Classifies a text as one of \(labels) from a short extract of it.
            \(selector(manifest)) selects words of the text; a separate classifier is given these words
            only, in their order, and predicts from them.

            **What is guaranteed:** the prediction is a function of the extract's words\(queryToo(manifest))
            alone. **What is not:** which words are selected may depend on the whole text. Changing a word
            outside of the extract can change the selection, and with it the prediction;
            `warrant evaluate --stability` measures how often it does.

            ## Data

            | set | file | documents |
            | --- | --- | ---: |
            \(dataRows)

            \(reading(manifest))

            ## Recipe

            | setting | value |
            | --- | --- |
            | encoder | \(training.encoder.plainMarkdown) |\(wordRows(training))
            | words | \(words(manifest.words)) |
            | scorer | \(manifest.scorer) |
            | thresholder | \(manifest.selection) |
            | extractor | \(extractor(manifest)) |
            \(recipes(training))
            | seed | \(training.seed) |
            | products computed in | \(training.precision ?? Precision.fp32.rawValue) |
            | weights stored as | \(weights.rawValue) |
            | made with | warrant \(training.warrant) |

            Of each model the epoch with the best \(training.wordModel?.epochChosenBy ?? "macro-F1") on \
            the dev set was kept: \
            \(training.support.bestEpoch) for the support model, \
            \(training.classifier.bestEpoch) for the classifier\(taggerEpoch(training)).

            ## Scores

            | model | reads | set | macro-F1 | accuracy | documents |
            | --- | --- | --- | ---: | ---: | ---: |
            \(rows("support", "whole texts", training.support, of: manifest))
            \(rows("classifier", "rationales", training.classifier, of: manifest))\
            \(controlRows(manifest))

            \(scoreNote)\(precisionNote(manifest))

            ## Use

                warrant classify --model THIS_FOLDER\(query) "a text to classify"
                warrant classify --model THIS_FOLDER --input texts.jsonl --certificates > out.jsonl
                warrant verify --model THIS_FOLDER --input out.jsonl --source texts.jsonl --selection

            \(folders(manifest)) \(format(training))

            ## Limits

            - The guarantee names *which words* a prediction was made from. It does not say why these words
              were selected, and it holds for a given selection only.
            - An extract that is enough for the classifier need not convince a person, and a prediction
              from an extract can be wrong.
            - Scores hold for texts like those of the data above; measure on texts of your own with
              `warrant evaluate`.

            """
    }

    /// The rows of the recipe, and of the classifier's where it has one of its own.
    private func recipes(_ training: TrainingRecord) -> String {
        let recipe = TrainingRecord.Recipe(training)
        guard let other = training.classifierRecipe else { return rows(recipe, of: "") }
        return rows(recipe, of: "") + "\n" + rows(other, of: "the classifier's ")
    }

    private func rows(_ recipe: TrainingRecord.Recipe, of owner: String) -> String {
        """
        | \(owner)epochs, batch size | \(recipe.epochs), \(recipe.batchSize) |
        | \(owner)learning rate | \(recipe.learningRate), \
        warm-up over \(decimalText(recipe.warmup * 100, places: 1)) % of the steps |
        | \(owner)weight decay | \(recipe.weightDecay) |
        """
            + (recipe.classWeights.map { "\n| \(owner)class weights | \($0.rawValue) |" } ?? "")
    }

    /// How an encoder of words was made.
    private func wordRows(_ training: TrainingRecord) -> String {
        guard let words = training.wordModel else { return "" }
        return """

            | attention over words | \(words.attention.plainMarkdown) |
            | word embeddings | \(words.embeddings.plainMarkdown), \(words.embeddingSize) wide |
            | states | \(words.hiddenSize) wide |
            | known words | \(words.vocabulary), in at least \(words.minimumDocuments) training texts |
            """
    }

    /// What a stage's folder is.
    private func format(_ training: TrainingRecord) -> String {
        training.wordModel == nil
            ? "are Hugging Face model folders that `transformers` loads as they are."
            : "hold the weights under the names of PyTorch's layers, and a tokenizer that Hugging Face's "
                + "`tokenizers` loads as it is."
    }

    private func queryToo(_ manifest: ModelManifest) -> String {
        manifest.usesQuery ? " and of the query" : ""
    }

    private func selector(_ manifest: ModelManifest) -> String {
        if manifest.usesTagger { return "A tagger" }
        let name = manifest.scorer.prefix { $0 != ":" }
        return switch name {
        case "random", "first", "human": "The scorer `\(name)`"
        default: "A support model"
        }
    }

    private func words(_ rule: WordRule) -> String {
        switch rule {
        case .whitespace: "what stands between white space"
        case .unicode:
            "letters and digits that stand together, single CJK characters, and single characters of "
                + "other scripts without spaces"
        }
    }

    private func taggerEpoch(_ training: TrainingRecord) -> String {
        training.tagger.map { ", and by the F1 of its words \($0.bestEpoch) for the tagger" } ?? ""
    }

    private func folders(_ manifest: ModelManifest) -> String {
        manifest.usesTagger
            ? "`support`, `extractor` and `classifier`" : "`support` and `classifier`"
    }

    private func extractor(_ manifest: ModelManifest) -> String {
        guard let tagger = manifest.training.tagger else { return "scorer and thresholder" }
        let human =
            tagger.humanDocuments > 0
            ? ", \(tagger.humanDocuments) documents supervised by human rationales" : ""
        return "a tagger that learned to select the same\(human) "
            + "(dev F1 \(decimalText(tagger.devF1, places: 3)))"
    }

    private func controlRows(_ manifest: ModelManifest) -> String {
        Control.allCases.compactMap { control in
            manifest.training.controls?[control.rawValue].map { scores in
                "\n" + rows("control", control.reads, scores, of: manifest)
            }
        }.joined()
    }

    private var dataRows: String {
        data.map { "| \($0.role.plainMarkdown) | \($0.name.plainMarkdown) | \($0.documents) |" }
            .joined(separator: "\n")
    }

    /// Text that is not ours as code: between more backticks than it has in a row (CommonMark, 6.1).
    private static func code(_ text: String) -> String {
        let text = text.visible
        var (run, longest) = (0, 0)
        for byte in text.utf8 {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        guard longest > 0 else { return "`\(text)`" }
        let fence = String(repeating: "`", count: longest + 1)
        return "\(fence) \(text) \(fence)"
    }

    private func reading(_ manifest: ModelManifest) -> String {
        if manifest.chunk.length >= ChunkSize.whole.length { return "Texts are read whole." }
        let limit =
            "Texts are read in chunks of up to \(manifest.chunk.length) tokens"
            + (manifest.usesQuery ? ", the query included" : "")
        let other = manifest.classifierChunk
        let rationales =
            other == manifest.chunk
            ? ""
            : " Rationales are read in chunks of up to \(other.length) tokens"
                + (other.stride.map { ", which begin at most \($0) tokens apart." } ?? ".")
        guard let stride = manifest.chunk.stride, chunkedDocuments > 0 else {
            return "\(limit); all of the documents fit in one.\(rationales)"
        }
        return
            "\(limit), which begin at most \(stride) tokens apart; \(chunkedDocuments) of the "
            + "documents needed more than one.\(rationales)"
    }

    private var scoreNote: String {
        "Measured by `warrant train` at the end of the run"
            + (weights == .f32
                ? "." : ", with the weights as they are stored (\(weights.rawValue)).")
    }

    private func precisionNote(_ manifest: ModelManifest) -> String {
        guard let check = manifest.precision else { return "" }
        let (fp32, bf16) = (
            decimalText(check.fp32, places: 3), decimalText(check.bf16, places: 3)
        )
        let doubt =
            check.documents < PrecisionRecord.fewestDocuments
            ? " (fewer than \(PrecisionRecord.fewestDocuments) documents do not tell)" : ""
        return """


            On \(check.documents) documents of the dev set the whole model scores a macro-F1 of \(fp32) in fp32
            and of \(bf16) in bf16\(doubt), so `--precision auto` computes in \
            \(check.isHarmless ? "bf16 where the CPU can" : "fp32").
            """
    }

    private func rows(
        _ model: String, _ reads: String, _ scores: TrainingRecord.Scores,
        of manifest: ModelManifest
    ) -> String {
        [("dev", scores.dev as TrainingRecord.Score?), ("test", scores.test)].compactMap {
            set, score in
            score.map {
                "| \(model) | \(reads) | \(set) "
                    + "| \($0.macroF1Text(classes: manifest.labels.count)) "
                    + "| \(decimalText($0.accuracy, places: 3)) | \($0.documents) |"
            }
        }.joined(separator: "\n")
    }
}
