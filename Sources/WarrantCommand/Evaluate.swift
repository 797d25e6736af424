import ArgumentParser
import Warrant

/// `warrant evaluate`.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure a model on labelled texts: on whole texts, and on rationales alone.",
        discussion: """
            The support model reads whole texts; the classifier reads nothing but the words that were \
            selected. What is lost between the two is the price of the guarantee. Texts without words \
            get no label and count in no score; they are listed.

            Where rows have human rationales, the selected words and their scores are compared with \
            them (plausibility). And the support model is asked again without the selected words, and \
            from them alone, also for the best 1, 5, 10, 20 and 50 % (faithfulness of the scores: \
            comprehensiveness, the more the better, and sufficiency, the less the better; ERASER, \
            DeYoung et al. 2020).

            EXAMPLES
              warrant evaluate --model model --data test.tsv
              warrant evaluate --model model --data movies/test.jsonl --json
              warrant evaluate --model model --data movies/test.jsonl \\
                --eraser-output results.jsonl
            """)

    @OptionGroup var model: ModelOptions

    @OptionGroup var precision: PrecisionOptions

    @Option(help: ArgumentHelp("Labelled texts, or an ERASER split.", valueName: "file"))
    var data: String

    @Flag(help: "Print one JSON object instead of tables.")
    var json = false

    @Flag(
        inversion: .prefixedNo,
        help: "Ask the support model again without the rationales: some seven times the work.")
    var faithfulness = true

    @Option(
        help: ArgumentHelp(
            "Write what the model says of each row of an ERASER dataset, for warrant score or ERASER's "
                + "metrics.py; appears only when complete.", valueName: "file"))
    var eraserOutput: String?

    @Option(
        help: ArgumentHelp(
            "What --eraser-output describes: the classifier, or the support model with what it says "
                + "without the rationales.", valueName: "name"))
    var eraserStage = EraserResult.Stage.classifier

    @OptionGroup(title: "Data options") var dataOptions: DataOptions

    func run() throws {
        let output = ResultOutput.standard
        let model = try model.load(precision.precision)
        var options = dataOptions.options(for: data)
        options.requiresLabel = true
        options.allowsNoRows = false
        let rows = try ExampleReader.examples(path: data, options: options)
        for row in rows { try model.checkClassifiable(row) }
        let results = try eraserOutput.map { try ResultOutput($0) }
        let display = TrainingDisplay(isTerminal: Messages.isTerminal, stages: [.evaluation])
        defer { display.close() }
        let evaluation = try model.evaluate(
            rows, faithfulness: faithfulness, report: display.show
        ) { row in
            guard let results else { return }
            guard let result = EraserResult(row, stage: eraserStage) else {
                throw DatasetError(
                    .badData, at: row.row.location,
                    "the row has no annotation id or names no document: --eraser-output needs an ERASER "
                        + "dataset")
            }
            try results.bytes.append(line: result.json)
        }
        display.close()
        var notices = DataNotices(labels: model.manifest.labels)
        for row in rows { notices.add(row, to: .test) }
        for notice in notices.all { Messages.say(notice.message) }
        for location in evaluation.unreadable.prefix(DocumentNotices.named) {
            Messages.say("\(location): no word that can be read: not measured")
        }
        guard evaluation.documents > 0 else {
            throw DatasetError(
                .badData, at: SourceLocation(file: data),
                "no row has a text with words: there is nothing to measure")
        }
        if results != nil, !evaluation.unreadable.isEmpty {
            Messages.say(
                "\(Figures.count(evaluation.unreadable.count, "row")) without a word are not in the "
                    + "result file: warrant score misses them")
        }
        try results?.finish()
        let report = EvaluationReport(evaluation)
        if json {
            try output.bytes.append(line: report.json)
        } else {
            try output.bytes.append(report.text.utf8)
        }
        try output.finish()
    }
}

extension EraserResult.Stage: ExpressibleByArgument {}
