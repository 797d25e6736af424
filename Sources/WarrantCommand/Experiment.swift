import ArgumentParser
import JSON
import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `warrant experiment`.
struct Experiment: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "experiment",
        abstract:
            "Train a grid of data sets, scorers, thresholders, ratios and seeds, and compare.",
        discussion: """
            The grid stands in a JSON file; "data" must be there, and "scorers" and "thresholders", or \
            "diagnostics":

              {"encoder": "all-MiniLM-L6-v2",
               "data": [{"name": "sst", "train": "sst/train.tsv", "dev": "sst/dev.tsv",
                         "test": "sst/test.tsv"},
                        {"name": "movies", "train": "movies",
                         "recipe": {"batch_size": 8}}],
               "scorers": ["cls-attention"],
               "thresholders": ["top-k", "contiguous",
                                {"thresholder": "top-p", "mass": 0.5}],
               "ratios": [0.1, 0.2], "seeds": [0, 1, 2],
               "controls": ["random", "first", "remaining"],
               "extractor": "saliency", "human_share": 0,
               "recipe": {"epochs": 3, "batch_size": 32, "learning_rate": 5e-5,
                          "weight_decay": 0.01, "warmup": 0.06, "precision": "auto",
                          "class_weights": "balanced",
                          "maximum_length": 256, "stride": 192,
                          "classifier": {"epochs": 4, "maximum_length": 128}}}

            Paths are relative to the file's folder. A data set may have "dev", "test", \
            "test_is_dev", "format", "text_column", "label_column", "query_column", "id_column", \
            "test_text_column", "test_label_column", "delimiter", "rationale_unit", "drop_unlabelled" \
            (as the options of warrant train), and "scorers", "ratios", "seeds" and "recipe" \
            of its own; an ERASER folder as "train" brings its other splits. Without "dev" about a \
            tenth of the training rows of each class is held out, drawn by the first of the seeds. A \
            thresholder is a \
            name, which is taken with each ratio, or an object with its settings. A "human_share" \
            above 0 goes with the extractor "tagger". In a recipe the precision auto is bf16 where \
            the CPU has it, and "classifier" says what is different for classifiers of rationales: \
            any setting but the precision. A data set's recipe replaces the common one setting by \
            setting, and its "classifier" the common "classifier". A length has the usual stride, three quarters of it, unless \
            one is given beside it.

            Whatever cells have in common is computed once: a support model for each data set and \
            seed, its scores by each scorer, a classifier for the same rationales. All of it is kept \
            under --stages by a digest of what it depends on, so that a run that was stopped goes on \
            where it was, also within a training, and a changed file computes what is new in it. The \
            results are in the \
            output's folder, and up to date after each cell: results.jsonl, table.md and table.csv.

            Diagnostics of attention (warrant diagnose) are cells too, each of "models" on each data set \
            with each seed; a model is trained once for all of them. With them a file needs no encoder, \
            scorers and thresholders:

              {"data": [{"name": "sst", "train": "train.jsonl", "test": "test.jsonl",
                         "minimum_words": 6, "maximum_words": 100, "drop_longest": true}],
               "models": [{"encoder": "lstm", "attention": "tanh",
                           "embeddings": "all-MiniLM-L6-v2"},
                          {"encoder": "average", "attention": "dot", "epochs": 8,
                           "batch_size": 32, "hidden_size": 128, "embedding_size": 300,
                           "minimum_documents": 2, "learning_rate": 0.001,
                           "weight_decay": 1e-5}],
               "diagnostics": ["correlation", {"diagnostic": "adversary", "steps": 500}],
               "seeds": [0, 1, 2]}

            A model {"folder": "model"} is one that warrant train wrote, which is measured and not \
            trained. The settings of a diagnostic are its options, with _ in place of -. A data set may have \
            "models" and "diagnostics" of its own. Their results are diagnostics.jsonl, \
            diagnostics.md and diagnostics.csv, and a folder for each cell under diagnostics.

            EXAMPLES
              warrant experiment grid.json --output results
              warrant experiment grid.json --output results --dry-run
              warrant experiment grid.json --encoder bert-base-uncased \\
                --output results-bert --stages stages --threads 8
            """)

    @Argument(help: ArgumentHelp("The experiment's file.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("The folder of the results.", valueName: "folder"))
    var output: String

    @Option(
        help: ArgumentHelp(
            "An encoder, by its Hugging Face folder or its name in this user's Hugging Face cache, "
                + "instead of the one that the experiment file names.",
            valueName: "folder"))
    var encoder: String?

    @Option(
        help: ArgumentHelp(
            "What is kept between runs, for experiments to share; stages in the output's folder by "
                + "default.", valueName: "folder"))
    var stages: String?

    @Flag(help: "List the cells and which of them are done, and do nothing.")
    var dryRun = false

    @Flag(help: "Print the results (or with --dry-run the cells) as JSON lines.")
    var json = false

    @OptionGroup var threading: ThreadOptions

    func run() throws {
        let experiment = try ExperimentFile(path: file)
        if !dryRun {
            Interruption.guarding(saying: "stopped; the same command goes on from here") {}
        }
        var parts: [any ExperimentPart] = []
        if experiment.hasRationales || !experiment.hasDiagnostics {
            parts.append(
                try RationalePart(
                    experiment, encoder: encoder, output: output, stages: stages,
                    threads: threading.count))
        }
        if experiment.hasDiagnostics {
            parts.append(
                try DiagnosticPart(
                    experiment, output: output, stages: stages, threads: threading.count))
        }
        // All parts were checked before any of them is done.
        for part in parts {
            if dryRun {
                try print(json ? text(part.listed) : part.list)
            } else {
                let lines = try part.run()
                if json { try print(text(lines)) }
            }
        }
    }

    private func text(_ lines: [JSONText]) -> String { lines.map { $0.write() + "\n" }.joined() }

    private func print(_ text: String) throws {
        let output = ResultOutput.standard
        try output.bytes.append(text.utf8)
        try output.finish()
    }
}
