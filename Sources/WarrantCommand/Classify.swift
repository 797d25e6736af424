import ArgumentParser
import Warrant

/// `warrant classify`.
struct Classify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classify",
        abstract: "Predict each text's label from an extract of it, and show the extract.",
        discussion: """
            Prints a JSON line for each text, in the order of the input and as soon as it is known:

              {"id": "7", "label": "negative",
               "probabilities": {"negative": 0.97, "positive": 0.03},
               "rationale": [{"text": "lifeless film", "start": 9, "end": 22,
                              "words": [3, 5]}],
               "classifier_input": "lifeless film"}

            "start" and "end" are UTF-8 byte offsets into the text, "words" the first word and the one \
            after the last. "id" is the row's own, or its number. A text that is longer than the \
            encoder's limit is read in windows (or, by models of an older format, as far as the limit: \
            then its line has "truncated"). A text without words has no label, an "error", and makes \
            the exit status 65 at the end.

            EXAMPLES
              warrant classify --model model "a dull, lifeless film"
              warrant classify --model model --highlight --input texts.jsonl
              warrant classify --model model --input texts.jsonl > answers.jsonl
              warrant classify --model model --input texts.tsv --text-column review
              warrant classify --model model --input texts.json.gz --keep-going > out.jsonl
              tail -f log.txt | warrant classify --model model --format text
            """)

    @OptionGroup var model: ModelOptions

    @OptionGroup var precision: PrecisionOptions

    @Flag(help: "Add what warrant verify needs to make each prediction again.")
    var certificates = false

    @Flag(help: "Print label and text with the extract marked, for people, instead of JSON.")
    var highlight = false

    @OptionGroup var texts: TextOptions

    func validate() throws {
        if highlight && certificates {
            throw ValidationError("--highlight prints no JSON to put --certificates into")
        }
    }

    func run() throws {
        try AnswerStream(model: model, precision: precision.precision, texts: texts).run(
            check: RationaleModel.checkClassifiable, answer: { try $0.classify($1) },
            extraction: \.extraction,
            write: { try write($0, $1, to: $2) },
            writeUnreadable: { try write($0, reason: $1, to: $2) })
    }

    private var highlighter: HighlightedLine {
        HighlightedLine(isTerminal: texts.output == nil && isTerminalOutput)
    }

    private func write(
        _ row: NumberedRow, _ answer: Classification, to output: ByteOutput
    ) throws {
        if highlight {
            try output.append(Array((highlighter.text(row.example, answer) + "\n").utf8))
        } else {
            try output.append(
                line: ResultLine.classification(row, answer, withCertificate: certificates))
        }
    }

    private func write(_ row: NumberedRow, reason: String, to output: ByteOutput) throws {
        if highlight {
            let line = highlighter.text(row.example, reason: reason) + "\n"
            try output.append(Array(line.utf8))
        } else {
            try output.append(line: [
                "id": .string(row.id), "label": nil, "rationale": [], "error": .string(reason),
            ])
        }
    }
}
