import ArgumentParser
import Encoders
import Files
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
        abstract: "Train a model on labelled texts, starting from an encoder.",
        discussion: """
            Three steps: a support model learns from whole texts; a scorer and a thresholder select \
            words of each text by what the model does with them, by its attention unless told otherwise, \
            or a tagger learns to; a classifier of its own learns from these words alone. Of each model the \
            epoch with the best macro-F1 on the dev set is kept, of a tagger that with the best F1 of \
            words. Without --dev about a tenth of the training rows of each class is held out, drawn by \
            --seed (with --seeds by the first, for all runs), rows of the same text together; the test set is only measured, as warrant evaluate does without its \
            faithfulness. The same seed gives the same weights, whatever the number of threads.

            The classifier, and those of --controls, learn by the same recipe as the support model, but \
            for what the options --classifier-… say: rationales are a fraction of their texts.

            Rows are JSON lines or a JSON array of objects ({"text", "label", "query"?, "rationale"?}, also \
            exports of doccano and Label Studio), CSV or TSV with named or numbered columns, a folder with \
            a folder of texts for each class, or an ERASER dataset. A folder stands for its split train, \
            val or test, and --train with a folder takes all that are there. Files may be gzip's. A label \
            is a text; numbers that are whole and equal, such as 1 and 1.0, are one label.

            Scorers:
            \(SaliencyScorers.descriptions.map { "  " + $0 }.joined(separator: "\n"))

            Thresholders:
            \(Thresholders.descriptions.map { "  " + $0 }.joined(separator: "\n"))

            Instead of a transformer the encoder may be one of words with attention that learns from \
            the beginning, as in Jain & Wallace (2019): \
            \(WordEncoders.names.joined(separator: ", ")). Its words are those of the training texts; it \
            reads texts of any length at once, its epochs are chosen by ROC-AUC (by accuracy where there \
            are queries, or more than two classes), and its attention scores the words unless told \
            otherwise. Scorers that read a transformer's layers, and taggers, do not go with it.

            A text that is longer than the encoder reads is read in chunks that overlap, also in \
            classify, extract and evaluate; nothing is cut off. A step of training reads at most \
            \(ChunkRun.longest) chunks of a text, in a row, and others the next time.

            A rationale is made of whole words, and a word is what stands between white space. Texts in \
            Chinese, Japanese, Thai or other scripts without spaces need --words unicode, or a \
            rationale is often the whole text; the model keeps to it from then on.

            While it trains, a checkpoint stands beside --output, in OUTPUT.checkpoint: a run that was \
            killed or stopped by Ctrl-C goes on from it by the same command with --resume, and ends \
            in the same bytes, whatever the number of threads. It is removed when the model stands at \
            --output.

            EXAMPLES
              warrant train --encoder all-MiniLM-L6-v2 --train train.tsv --dev dev.tsv \\
                --test test.tsv --output model
              warrant train --encoder bert-base-uncased --train reviews.csv \\
                --text-column review --label-column stars --ratio 0.1 --output model
              warrant train --encoder all-MiniLM-L6-v2 --train aclImdb --output imdb-model
              warrant train --encoder all-MiniLM-L6-v2 --train export.csv.gz \\
                --delimiter semicolon --drop-unlabelled --output model
              warrant train --encoder all-MiniLM-L6-v2 --train movies \\
                --classifier-epochs 6 --classifier-learning-rate 1e-4 --output movie-model
              warrant train --encoder all-MiniLM-L6-v2 --train train.tsv --test test.tsv \\
                --scorer fresh-gradient --thresholder contiguous --controls --seeds 0,1,2 \\
                --output model
              warrant train --encoder bert-base-chinese --train reviews.jsonl \\
                --words unicode --ratio 0.3 --output model
              warrant train --encoder all-MiniLM-L6-v2 --train reports.jsonl \\
                --class-weights balanced --seed 1 --output report-model
              warrant train --encoder all-MiniLM-L6-v2 --train movies --extractor tagger \\
                --human-share 0.2 --output movie-model
              warrant train --encoder lstm --attention tanh --embeddings all-MiniLM-L6-v2 \\
                --train train.tsv --dev dev.tsv --output word-model
            """)

    @Option(
        help: ArgumentHelp(
            "A BERT, DistilBERT or RoBERTa encoder: its Hugging Face folder, or its name in this user's "
                + "Hugging Face cache. Or an encoder of words that learns from the beginning: "
                + WordEncoders.names.joined(separator: ", ") + ".", valueName: "folder|name"))
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
                + "and print them beside the model; with --test each two are compared by a paired "
                + "bootstrap."))
    var controls = false

    @Option(
        help: ArgumentHelp(
            "Train once for each of these seeds, such as 0,1,2, and print means, ranges and paired "
                + "bootstraps; of the models the one with the best dev macro-F1 is kept. Rows that are "
                + "held out are drawn by the first.",
            valueName: "n,n…"),
        transform: Self.seedList)
    var seeds: [UInt64]?

    @OptionGroup(title: "Selection") var selection: SelectionOptions

    @OptionGroup(title: "Encoders of words") var words: WordEncoderOptions

    @OptionGroup(title: "Recipe") var recipe: RecipeOptions

    @OptionGroup(title: "The classifier's recipe") var classifierRecipe: ClassifierRecipeOptions

    @OptionGroup(title: "Checkpoints") var checkpoints: CheckpointOptions

    @OptionGroup var threading: ThreadOptions

    @OptionGroup(title: "Data options") var dataOptions: DataOptions

    func run() throws {
        let start = ContinuousClock.now
        // Before any work, so that a place that cannot be written is found at once.
        let folder = try PendingFolder(
            for: URL(filePath: output), overwrites: overwrite,
            remedy: "give another --output, or --overwrite")
        Interruption.guarding { folder.discard() }
        folder.notices.forEach(Messages.say)

        let choice = try EncoderChoice(encoder, words)
        let seed = recipe.seed ?? TrainingOptions().seed
        // All runs hold the same rows out, so that they can be compared.
        let (data, names) = try sets.read(dataOptions, seed: seeds?.first ?? seed)
        let origin = try choice.origin(for: data)
        var options = recipe.options(origin.usualRecipe)
        options.classifierRecipe = options.recipe.overridden(by: classifierRecipe.overrides)
        options.scorer = selection.scorer ?? origin.usualScorer
        options.selection = selection.settings
        options.words = selection.wordRule
        options.tagging = selection.tagging
        options.controls = controls ? Control.allCases : []
        options.threads = threading.count
        try origin.check(options)
        if let notice = PrecisionChoice(recipe.precision).notice { Messages.say(notice) }
        TrainingDataReport(data, names).say()
        if options.words == .whitespace, let unspaced = UnspacedTexts(data.train) {
            Messages.say(
                "\(Figures.count(unspaced.count)) of \(Figures.count(data.train.count)) training texts "
                    + "have hardly any spaces, such as \(unspaced.example): a word is what stands "
                    + "between spaces, so that a rationale may be the whole text; --words unicode cuts "
                    + "such texts into words")
        }
        try TrainingDataReport.checkLengths(
            data, tokenizer: origin.tokenizer(words: .whitespace),
            chunks: options.chunks(origin.configuration()), threads: options.threads)

        let seeds = seeds ?? [options.seed]
        let identity = try RunIdentity(
            data: data, names: names.map(\.name), encoder: origin.digest(),
            encoderName: origin.name, words: origin.record, options: options, seeds: seeds)
        let checkpoint = try checkpoints.open(beside: folder.place, of: identity)
        let (outcome, runs): (RationaleTraining.Outcome, [SeedRun])
        do {
            (outcome, runs) = try TrainingRuns(
                origin: origin, data: data, options: options, seeds: seeds,
                identity: identity, checkpoint: checkpoint
            ).run()
        } catch { throw CheckpointOptions.end(checkpoint, by: error) }
        for row in outcome.unreadableRows.prefix(5) {
            Messages.say("\(row): no word of the text could be read: the row was left out")
        }
        if outcome.unreadableRows.count > 5 {
            Messages.say(
                "\(Figures.count(outcome.unreadableRows.count)) rows without a readable word were left "
                    + "out")
        }

        if let tagging = options.tagging, let tagger = outcome.model.manifest.training.tagger {
            let documents = outcome.model.manifest.training.trainDocuments
            let wanted = tagging.humanDocuments(of: documents)
            if tagger.humanDocuments < wanted {
                Messages.say(
                    "\(Figures.count(tagger.humanDocuments)) training documents have a human rationale; "
                        + "--human-share asked for \(Figures.count(wanted))")
            }
        }
        if !outcome.unmarkedRows.isEmpty {
            Messages.say(
                "\(Figures.count(outcome.unmarkedRows.count, "row")) without a human rationale were left "
                    + "out")
        }

        let card = ModelCard(
            data: names.map {
                ModelCard.DataSet(
                    role: $0.role, name: $0.name, documents: $0.documents(of: outcome.documents))
            }, chunkedDocuments: outcome.chunkedDocuments, weights: options.weightFormat)
        do {
            try outcome.model.write(
                to: folder.url, tokenizer: origin.tokenizerFiles(), as: options.weightFormat,
                card: card)
            try Interruption.finish {
                try folder.commit()
                checkpoint.remove()
            }
        } catch { throw CheckpointOptions.end(checkpoint, by: error) }

        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let output = ResultOutput.standard
            for run in runs {
                try output.bytes.append(try encoder.encode(run.record) + Data("\n".utf8))
            }
            try output.finish()
        }
        if runs.count == 1 {
            let pairs = controls ? SeedTables(SeedComparison(runs), data).pairs : nil
            let scores = ScoreTable(runs[0].record, classes: data.labels.count).text
            Messages.write("\n" + scores + (pairs.map { "\n" + $0 } ?? ""))
        } else {
            Messages.write("\n" + SeedTables(SeedComparison(runs), data).text)
        }
        try sayTest(outcome.model, data.test)
        let query = data.usesQuery ? " --query \"what is asked about it\"" : ""
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        Messages.write(
            """

            The model\(kept(outcome, of: runs)) is in \(output); the run took \(Figures.duration(seconds)).
            Try it: warrant classify --model \(output)\(query) "a text to classify"

            """)
    }

    /// Says what the model scores on the test set, in full but for what needs further passes.
    private func sayTest(_ model: RationaleModel, _ test: [Example]) throws {
        let needsHumans = model.manifest.scorer == "human" && !model.manifest.usesTagger
        let rows = test.filter { !needsHumans || $0.rationale != nil }
        guard !rows.isEmpty else { return }
        let display = TrainingDisplay(isTerminal: Messages.isTerminal, stages: [.evaluation])
        defer { display.close() }
        let report = EvaluationReport(try model.evaluate(rows, report: display.show))
        display.close()
        Messages.write("\nThe model on the test set: \(report.text)")
    }

    /// Which of several runs the model is of.
    private func kept(_ outcome: RationaleTraining.Outcome, of runs: [SeedRun]) -> String {
        runs.count > 1 ? " of seed \(outcome.model.manifest.training.seed)" : ""
    }

    /// Reads numbers between commas.
    private static func seedList(_ argument: String) throws -> [UInt64] {
        try argument.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let seed = UInt64(part) else {
                throw ValidationError(
                    "expected whole numbers of 0 or more between commas, such as 0,1,2")
            }
            return seed
        }
    }

    func validate() throws {
        if let option = words.firstGiven, !EncoderChoice.isOfWords(encoder) {
            throw ValidationError(
                "\(option) goes with an encoder of words: --encoder "
                    + WordEncoders.names.joined(separator: ", "))
        }
        guard let seeds else { return }
        guard recipe.seed == nil else {
            throw ValidationError("--seed and --seeds exclude each other: give one")
        }
        guard Set(seeds).count == seeds.count else {
            throw ValidationError("--seeds has a seed twice: give each once")
        }
    }
}
