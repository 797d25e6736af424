import ArgumentParser
import AttentionModels
import Encoders
import Warrant

/// How a classifier with attention over words is trained.
struct AttentionModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What reads the words: \(WordEncoders.names.joined(separator: ", ")).",
            valueName: "name"))
    var encoder = AttentionOptions().encoder

    @OptionGroup var words: WordEncoderOptions

    @Option(help: ArgumentHelp("Leave texts of fewer words out.", valueName: "n"))
    var minimumWords = 1

    @Option(help: ArgumentHelp("Leave texts of more words out.", valueName: "n"))
    var maximumWords: Int?

    @Flag(
        help: ArgumentHelp(
            "Leave the longest texts of each set out, as Jain & Wallace do with SST."))
    var dropLongest = false

    @Option(
        help: ArgumentHelp(
            "Passes over the training rows; 8 by default, 25 where rows have a query.",
            valueName: "n"))
    var epochs: Int?

    @Option(
        help: ArgumentHelp(
            "Texts in a step; 32 by default, 128 where rows have a query.", valueName: "n"))
    var batchSize: Int?

    @Option(help: ArgumentHelp("Adam's learning rate.", valueName: "rate"))
    var learningRate = AttentionOptions().learningRate

    @Option(help: ArgumentHelp("L2 decay, added to the gradient.", valueName: "rate"))
    var weightDecay = AttentionOptions().weightDecay

    @Option(
        help: ArgumentHelp(
            "Decides new weights, the order of texts, and the rows that are held out without --dev.",
            valueName: "n"))
    var seed = AttentionOptions().seed

    /// The library's options.
    ///
    /// - Throws: `WarrantError`, `EncoderError` where the embeddings are not there.
    func options() throws -> AttentionOptions {
        var options = try words.options(encoder)
        options.lengths.minimum = minimumWords
        options.lengths.maximum = maximumWords
        options.lengths.dropsLongest = dropLongest
        options.epochs = epochs
        options.batchSize = batchSize
        options.learningRate = learningRate
        options.weightDecay = weightDecay
        options.seed = seed
        return options
    }

    func validate() throws {
        guard WordEncoders.names.contains(encoder) else {
            throw ValidationError(
                "there is no encoder \(encoder.visible) with attention over words; there are "
                    + WordEncoders.names.joined(separator: ", "))
        }
    }
}

/// The rows that a diagnostic trains on and measures.
struct DiagnosticSetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Rows to learn from: a file, an ERASER dataset's folder, or a folder with a folder for each "
                + "class.", valueName: "file"))
    var train: String?

    @Option(
        help: ArgumentHelp(
            "Rows that decide which epoch is best; a tenth of the training rows of each class, drawn "
                + "by the seed, by default.",
            valueName: "file"))
    var dev: String?

    @Option(
        help: ArgumentHelp(
            "Rows that are measured; those of --dev by default.", valueName: "file"))
    var test: String?

    @Option(
        help: ArgumentHelp(
            "A folder that warrant train wrote, whose support model is measured on --test, in place of "
                + "--train: for correlation of any encoder, for permutation, adversary and erasure of one "
                + "with attention over words.", valueName: "folder"))
    var model: String?

    @OptionGroup var labels: LabelOptions

    /// Whether nothing is given.
    var isEmpty: Bool { (train ?? dev ?? test ?? model) == nil }

    /// The sets of a diagnostic that needs some.
    func required(for name: String) throws -> TrainingSets {
        guard let train else {
            throw ValidationError("\(name) trains a model: give the rows to learn from as --train")
        }
        return TrainingSets(train: train, dev: dev, test: test, labels: labels)
    }

    /// The rows that a trained model is measured on, and their name.
    func measured(_ data: DataOptions) throws -> (rows: [Example], name: String) {
        guard let test = test ?? dev else {
            throw ValidationError("a --model is measured on labelled rows: give them as --test")
        }
        var options = labels.options(for: test, data)
        options.split = "test"
        return (
            try ExampleReader.examples(path: test, options: options, report: Messages.say),
            TrainingSets.name(of: test)
        )
    }
}
