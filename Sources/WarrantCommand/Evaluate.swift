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

            EXAMPLES
              warrant evaluate --model model --data test.tsv
              warrant evaluate --model model --data movies/test.jsonl --json
            """)

    @OptionGroup var model: ModelOptions

    @OptionGroup var precision: PrecisionOptions

    @Option(help: ArgumentHelp("Labelled texts, or an ERASER split.", valueName: "file"))
    var data: String

    @Flag(help: "Print one JSON object instead of tables.")
    var json = false

    @OptionGroup(title: "Data options") var dataOptions: DataOptions

    func run() throws {
        let output = ResultOutput.standard
        let model = try model.load(precision.precision)
        var options = dataOptions.options(for: data)
        options.requiresLabel = true
        options.allowsNoRows = false
        let rows = try ExampleReader.examples(path: data, options: options)
        for row in rows { try model.checkQuery(row) }
        let evaluation = try model.evaluate(rows)
        for location in evaluation.unreadable.prefix(DocumentNotices.named) {
            Messages.say("\(location): no word that can be read: not measured")
        }
        guard evaluation.documents > 0 else {
            throw DatasetError(
                .badData, at: SourceLocation(file: data),
                "no row has a text with words: there is nothing to measure")
        }
        let report = EvaluationReport(evaluation)
        if json {
            try output.bytes.append(line: report.json)
        } else {
            try output.bytes.append(report.text.utf8)
        }
        try output.finish()
    }
}
