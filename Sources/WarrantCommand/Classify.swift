import ArgumentParser
import JSON
import Warrant

/// `warrant classify`.
struct Classify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classify",
        abstract: "Predict each text's label from an extract of it, and show the extract.",
        discussion: """
            The label is predicted from the extract's words alone; which words those are may depend on \
            the whole text. Prints a JSON line for each text, in the order of the input and as soon as it \
            is known:

              {"id": "7", "label": "negative",
               "probabilities": {"negative": 0.97, "positive": 0.03},
               "rationale": [{"text": "lifeless film", "start": 9, "end": 22,
                              "words": [3, 5]}],
               "classifier_input": "lifeless film"}

            "start" and "end" are UTF-8 byte offsets into the text, "words" the first word and the one \
            after the last. --offsets characters adds "characters": [start, end], --offsets utf16 adds \
            "utf16": [start, end]. "id" is the row's own, or its number. A text that is longer than the \
            encoder's limit is read in chunks (or, by models of an older format, as far as the limit: \
            then its line has "truncated"). A text without words has no label, an "error", and makes \
            the exit status 65 at the end.

            \(AnswerFormOptions.forms(name: "class"))

            EXAMPLES
              warrant classify --model model "a dull, lifeless film"
              warrant classify --model model --highlight --input texts.jsonl
              warrant classify --model model --input texts.jsonl > answers.jsonl
              warrant classify --model model --input texts.jsonl --certificates \\
                --sign signing.key > answers.jsonl
              warrant classify --model model --input texts.tsv --text-column review
              warrant classify --model model --input texts.jsonl --offsets characters
              warrant classify --model model --input in.jsonl --format-out label-studio
              warrant classify --model model --input texts.json.gz --keep-going > out.jsonl
              tail -f log.txt | warrant classify --model model --format text
            """)

    @OptionGroup var model: ModelOptions

    @OptionGroup var precision: PrecisionOptions

    @Flag(help: "Add what warrant verify needs to make each prediction again.")
    var certificates = false

    @Option(
        help: ArgumentHelp(
            "Sign each line with this private key of warrant keygen or OpenSSL (Ed25519); goes with "
                + "--certificates.", valueName: "key"))
    var sign: String?

    @Flag(help: "Print label and text with the extract marked, for people, instead of JSON.")
    var highlight = false

    @OptionGroup var form: AnswerFormOptions

    @OptionGroup var texts: TextOptions

    func validate() throws {
        if highlight && certificates {
            throw ValidationError("--highlight prints no JSON to put --certificates into")
        }
        if sign != nil && !certificates {
            throw ValidationError("--sign signs certified answers: give --certificates too")
        }
        if highlight {
            try form.requireJSONLines(for: "--highlight")
            guard form.offsets == nil else {
                throw ValidationError("--highlight prints no places: leave --offsets out")
            }
        }
        if certificates { try form.requireJSONLines(for: "--certificates") }
    }

    func run() throws {
        let key = try sign.map { path in
            let key = try PrivateSigningKey(path: path)
            if PrivateSigningKey.isOpenToOthers(path) {
                Messages.say("\(path): others than its owner can read the key: chmod 600 it")
            }
            return key
        }
        let annotations = form.formatOut == .jsonl ? nil : AnnotationWriter(form.formatOut)
        try AnswerStream(model: model, precision: precision.precision, texts: texts).run(
            check: RationaleModel.checkClassifiable, answer: { try $0.classify($1) },
            extraction: \.extraction,
            write: { row, answer, output in
                if let annotations {
                    try annotations.write(annotation(row, answer), to: output)
                } else {
                    try write(row, answer, signedBy: key, to: output)
                }
            },
            writeUnreadable: { row, reason, output in
                if let annotations {
                    try annotations.write(Annotation(unanswered: row), to: output)
                } else {
                    try write(row, reason: reason, signedBy: key, to: output)
                }
            },
            end: { try annotations?.finish($0) })
    }

    private var highlighter: HighlightedLine {
        HighlightedLine(isTerminal: texts.output == nil && isTerminalOutput)
    }

    private func write(
        _ row: NumberedRow, _ answer: Classification, signedBy key: PrivateSigningKey?,
        to output: ByteOutput
    ) throws {
        if highlight {
            try output.append(Array((highlighter.text(row.example, answer) + "\n").utf8))
        } else {
            try append(
                ResultLine.classification(
                    row, answer, unit: form.unit, withCertificate: certificates),
                signedBy: key, to: output)
        }
    }

    private func annotation(_ row: NumberedRow, _ answer: Classification) -> Annotation {
        let probability = answer.prediction.probabilities[answer.prediction.index]
        return Annotation(
            row, answer.rationale, unit: form.unit, name: answer.label,
            label: (answer.label, probability), score: { _ in probability })
    }

    private func write(
        _ row: NumberedRow, reason: String, signedBy key: PrivateSigningKey?, to output: ByteOutput
    ) throws {
        if highlight {
            let line = highlighter.text(row.example, reason: reason) + "\n"
            try output.append(Array(line.utf8))
        } else {
            try append(
                [
                    "id": .string(row.id), "label": nil, "rationale": [],
                    "error": .string(reason),
                ], signedBy: key, to: output)
        }
    }

    private func append(
        _ line: JSONText, signedBy key: PrivateSigningKey?, to output: ByteOutput
    ) throws {
        try output.append(line: key.map { try AnswerSignature.sign(line, with: $0) } ?? line)
    }
}
