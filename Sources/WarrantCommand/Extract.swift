import ArgumentParser
import Warrant

/// `warrant extract`.
struct Extract: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extract",
        abstract: "Show the words of each text that a prediction would be made from.",
        discussion: """
            Prints a JSON line for each text, in the order of the input and as soon as it is known:

              {"id": "7", "rationale": [{"text": "lifeless film", "start": 9, "end": 22,
                                         "words": [3, 5]}]}

            "start" and "end" are UTF-8 byte offsets into the text, "words" the first word and the one \
            after the last. --offsets characters adds "characters": [start, end], --offsets utf16 adds \
            "utf16": [start, end]. A text that is longer than the encoder's limit is read in chunks (or, by \
            models of an older format, as far as the limit: then its line has "truncated"). A text \
            without words has an empty rationale, an "error", and makes the exit status 65 at the end.

            \(AnswerFormOptions.forms(name: "rationale"))

            EXAMPLES
              warrant extract --model model "a dull, lifeless film"
              warrant extract --model model --input texts.jsonl --scores > scores.jsonl
              warrant extract --model model --input in.jsonl --format-out doccano
            """)

    @OptionGroup var model: ModelOptions

    @OptionGroup var precision: PrecisionOptions

    @Flag(
        help: "Add the score of each word; of integrated-gradients its convergence_delta as well.")
    var scores = false

    @OptionGroup var form: AnswerFormOptions

    @OptionGroup var texts: TextOptions

    func validate() throws {
        if scores { try form.requireJSONLines(for: "--scores") }
    }

    func run() throws {
        let annotations = form.formatOut == .jsonl ? nil : AnnotationWriter(form.formatOut)
        try AnswerStream(model: model, precision: precision.precision, texts: texts).run(
            check: RationaleModel.checkQuery, answer: { try $0.extract($1) }, extraction: { $0 },
            write: { row, extraction, output in
                if let annotations {
                    try annotations.write(annotation(row, extraction), to: output)
                } else {
                    try output.append(
                        line: ResultLine.extraction(
                            row, extraction, unit: form.unit, withScores: scores))
                }
            },
            writeUnreadable: { row, reason, output in
                if let annotations {
                    try annotations.write(Annotation(unanswered: row), to: output)
                } else {
                    try output.append(line: [
                        "id": .string(row.id), "rationale": [], "error": .string(reason),
                    ])
                }
            },
            end: { try annotations?.finish($0) })
    }

    /// Spans with the mean score of their words.
    private func annotation(_ row: NumberedRow, _ extraction: Extraction) -> Annotation {
        Annotation(row, extraction.rationale, unit: form.unit, name: "rationale") { snippet in
            let scores = extraction.saliency.scores[snippet.words]
            return scores.reduce(0, +) / Float(max(1, scores.count))
        }
    }
}
