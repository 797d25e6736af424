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
            comprehensiveness, the more the better, and sufficiency, the less the better; AOPC is the \
            mean over the five shares; ERASER, DeYoung et al. 2020). The calibration error is how far \
            the probability of the predicted class lies from the share of right predictions, on average.

            A prediction depends on nothing but the rationale, but which words are selected may depend \
            on the whole text. With --stability one word that is not selected is replaced by another of \
            the data, or deleted, ten times each for every text, and the table shows how often the \
            selection changes, how often the label does, and in how many texts the label changes within \
            1, 5 and 10 edits; beside it the support model, which reads whole texts, under the same edits.

            EXAMPLES
              warrant evaluate --model model --data test.tsv
              warrant evaluate --model model --data test.tsv --stability
              warrant evaluate --model model --data movies/test.jsonl --json
              warrant evaluate --model model --data marked.jsonl --rationale-unit bytes
              warrant evaluate --model model --data movies/test.jsonl \\
                --eraser-output results.jsonl
            """)

    @OptionGroup var model: ModelOptions

    @OptionGroup var precision: PrecisionOptions

    @Option(
        help: ArgumentHelp(
            "Labelled texts, an ERASER split, or a folder of classes' folders.", valueName: "file"))
    var data: String

    @Flag(help: "Print one JSON object instead of tables.")
    var json = false

    @Flag(
        inversion: .prefixedNo,
        help: "Ask the support model again without the rationales: some seven times the work.")
    var faithfulness = true

    @Flag(
        help: ArgumentHelp(
            "Edit one word outside of the rationale at a time and count how often that changes the "
                + "selection and the label: twenty more passes."))
    var stability = false

    @Option(help: ArgumentHelp("Decides the edits of --stability.", valueName: "n"))
    var seed: UInt64 = 0

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

    @OptionGroup var labels: LabelOptions

    @OptionGroup(title: "Data options") var dataOptions: DataOptions

    func run() throws {
        let output = ResultOutput.standard
        let model = try model.load(precision.precision)
        let options = labels.options(for: data, dataOptions)
        let rows = try ExampleReader.examples(path: data, options: options, report: Messages.say)
            .map { $0.labelled(as: model.manifest.labels) }
        for row in rows { try model.checkClassifiable(row) }
        let results = try eraserOutput.map { try ResultOutput($0) }
        let display = TrainingDisplay(
            isTerminal: Messages.isTerminal,
            stages: [.evaluation] + (stability ? [.stability] : []))
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
        let edits = try stability ? model.stability(rows, seed: seed, report: display.show) : nil
        display.close()
        var notices = DataNotices(labels: model.manifest.labels)
        for row in rows { notices.add(row, to: .test) }
        for notice in notices.all { Messages.say(notice.message) }
        for location in evaluation.unreadable.prefix(DocumentNotices.named) {
            Messages.say("\(location): no word that can be read: not measured")
        }
        if let notice = evaluation.wholeRationales.notice(words: evaluation.words) {
            Messages.say(notice)
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
        let report = EvaluationReport(evaluation, stability: edits)
        if json {
            try output.bytes.append(line: report.json)
        } else {
            try output.bytes.append(report.text.utf8)
        }
        try output.finish()
    }
}

extension EraserResult.Stage: ExpressibleByArgument {}
