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
            encoder's limit has "truncated"; a text without words has no label, an "error", and makes \
            the exit status 65 at the end.

            EXAMPLES
              warrant classify --model model "a dull, lifeless film"
              warrant classify --model model --highlight --input texts.jsonl
              warrant classify --model model --input texts.jsonl > answers.jsonl
              warrant classify --model model --input texts.tsv --text-column review
              tail -f log.txt | warrant classify --model model --format text
            """)

    @OptionGroup var model: ModelOptions

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
        let output = try ResultOutput(texts.output)
        let model = try model.load()
        let limit = model.extractor.maximumLength
        var windows = DocumentWindows(try texts.source(), check: model.checkQuery)
        var notices = DocumentNotices()
        while let window = try windows.next() {
            let answers = try model.classify(window.map(\.example.document))
            for (row, answer) in zip(window, answers) {
                guard let answer else {
                    let reason = DocumentNotices.reason(row.example, limit: limit)
                    notices.noteUnreadable(row.example, reason)
                    try write(row, reason: reason, to: output)
                    continue
                }
                if answer.extraction.isTruncated {
                    notices.noteTruncation(answer.extraction, of: row.example, limit: limit)
                }
                try write(row, answer, to: output)
            }
            try output.bytes.flush()
        }
        try output.finish()
        notices.summarize()
        if notices.unreadable > 0 { throw ExitCode(65) }
    }

    private var highlighter: HighlightedLine {
        HighlightedLine(isTerminal: texts.output == nil && isTerminalOutput)
    }

    private func write(
        _ row: NumberedRow, _ answer: Classification, to output: ResultOutput
    ) throws {
        if highlight {
            try output.bytes.append(Array((highlighter.text(row.example, answer) + "\n").utf8))
        } else {
            try output.bytes.append(
                line: ResultLine.classification(row, answer, withCertificate: certificates))
        }
    }

    private func write(_ row: NumberedRow, reason: String, to output: ResultOutput) throws {
        if highlight {
            let line = highlighter.text(row.example, reason: reason) + "\n"
            try output.bytes.append(Array(line.utf8))
        } else {
            try output.bytes.append(line: [
                "id": .string(row.id), "label": nil, "rationale": [], "error": .string(reason),
            ])
        }
    }
}
