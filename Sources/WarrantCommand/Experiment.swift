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
            The grid stands in a JSON file; "data", "scorers" and "thresholders" must be there:

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
        let run = try ExperimentRun(
            experiment, encoder: encoder, output: URL(filePath: output),
            stages: stages.map { URL(filePath: $0) }, threads: threading.count,
            writing: Interruption.whole)
        run.notices.forEach(Messages.say)
        if !dryRun {
            Interruption.guarding(saying: "stopped; the same command goes on from here") {}
        }
        let cells = try run.cells(notice: Messages.say)
        let report = ExperimentReport(experiment)
        let lines: [JSONText]
        if dryRun {
            lines = cells.map { cell in
                .object(cell.members + [("done", .bool(run.isDone(cell)))])
            }
            if !json { try print(report.list(cells, isDone: run.isDone)) }
        } else {
            report.begin(cells, done: cells.count(where: run.isDone))
            let (results, table) = try run.results(of: cells, report: report.show)
            lines = results.map(\.json)
            report.end(table, output: output)
        }
        if json { try print(lines.map { $0.write() + "\n" }.joined()) }
    }

    private func print(_ text: String) throws {
        let output = ResultOutput.standard
        try output.bytes.append(text.utf8)
        try output.finish()
    }
}
