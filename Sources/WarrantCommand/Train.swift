import ArgumentParser
import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `warrant train`.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a model on labelled texts, starting from a Hugging Face encoder.",
        discussion: """
            Three steps: a support model learns from whole texts; its attention selects words of each \
            text; a classifier of its own learns from these words alone. Of each model the epoch with \
            the best macro-F1 on the dev set is kept. Without --dev a tenth of the training rows is \
            held out; the test set is only measured. The same seed gives the same weights, whatever \
            the number of threads.

            Rows are JSON lines ({"text", "label", "query"?}), CSV or TSV with named or numbered \
            columns, or an ERASER dataset: a folder stands for its split train, val or test, and \
            --train with a folder takes all three from there.

            EXAMPLES
              warrant train --encoder all-MiniLM-L6-v2 --train train.tsv --dev dev.tsv \\
                --test test.tsv --output model
              warrant train --encoder bert-base-uncased --train reviews.csv \\
                --text-column review --label-column stars --ratio 0.1 --output model
              warrant train --encoder all-MiniLM-L6-v2 --train movies --output movie-model
            """)

    @Option(
        help: ArgumentHelp(
            "A Hugging Face folder of a BERT, DistilBERT or RoBERTa encoder.", valueName: "folder"))
    var encoder: String

    @OptionGroup(title: "Data") var sets: TrainingSetOptions

    @Option(help: ArgumentHelp("The model's folder; appears when complete.", valueName: "folder"))
    var output: String

    @Flag(help: "Replace a model that stands at --output.")
    var overwrite = false

    @Flag(help: "Print the training record as JSON on standard output at the end.")
    var json = false

    @Flag(
        help: ArgumentHelp(
            "Train classifiers on as many random words, as many first words, and the remaining words, "
                + "and print them beside the model."))
    var controls = false

    @OptionGroup(title: "Selection") var selection: SelectionOptions

    @OptionGroup(title: "Recipe") var recipe: RecipeOptions

    @OptionGroup var threading: ThreadOptions

    @OptionGroup(title: "Data options") var dataOptions: DataOptions

    func run() throws {
        let start = ContinuousClock.now
        // Before any work, so that a place that cannot be written is found at once.
        let folder = try PendingFolder(for: URL(filePath: output), overwrites: overwrite)
        Interruption.guarding { folder.discard() }

        let encoderFolder = URL(filePath: encoder)
        let configuration = try EncoderConfiguration(folder: encoderFolder)
        let (data, names) = try sets.read(dataOptions, seed: recipe.seed)
        var options = recipe.options
        options.scorer = selection.scorer
        options.selection = selection.settings
        options.tagging = selection.tagging
        options.controls = controls ? Control.allCases : []
        options.threads = threading.count
        if let notice = PrecisionChoice(recipe.precision).notice { Messages.say(notice) }
        TrainingDataReport(data, names).say()
        try TrainingDataReport.checkLengths(
            data, encoder: encoderFolder, window: try options.window(configuration),
            threads: options.threads)

        let display = TrainingDisplay(
            isTerminal: Messages.isTerminal, stages: options.stages)
        let outcome = try RationaleTraining(
            encoder: encoderFolder, data: data, options: options, report: display.show
        ).run()
        display.close()
        for row in outcome.unreadableRows.prefix(5) {
            Messages.say("\(row): no word of the text could be read: the row was left out")
        }
        if outcome.unreadableRows.count > 5 {
            Messages.say(
                "\(Figures.count(outcome.unreadableRows.count)) rows without a readable word were left "
                    + "out")
        }

        if !outcome.unmarkedRows.isEmpty {
            Messages.say(
                "\(Figures.count(outcome.unmarkedRows.count, "row")) without a human rationale were left "
                    + "out")
        }

        let card = ModelCard(
            data: names.map {
                ModelCard.DataSet(
                    role: $0.role, name: $0.name, documents: $0.documents(of: data))
            }, windowedDocuments: outcome.windowedDocuments, weights: options.weightFormat)
        try outcome.model.write(
            to: folder.url, encoder: encoderFolder, as: options.weightFormat, card: card)
        try Interruption.finish(folder.commit)

        let record = outcome.model.manifest.training
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let output = ResultOutput.standard
            try output.bytes.append(try encoder.encode(record) + Data("\n".utf8))
            try output.finish()
        }
        let query = data.usesQuery ? " --query \"what is asked about it\"" : ""
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        Messages.write(
            """

            \(ScoreTable(record).text)
            The model is in \(output); the run took \(Figures.duration(seconds)).
            Try it: warrant classify --model \(output)\(query) "a text to classify"

            """)
    }
}
