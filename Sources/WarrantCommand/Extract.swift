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
            after the last. A text that is longer than the encoder's limit has "truncated"; a text \
            without words has an empty rationale, an "error", and makes the exit status 65 at the end.

            EXAMPLES
              warrant extract --model model "a dull, lifeless film"
              warrant extract --model model --input texts.jsonl --scores > scores.jsonl
            """)

    @OptionGroup var model: ModelOptions

    @Flag(help: "Add the score of each word that was read.")
    var scores = false

    @OptionGroup var texts: TextOptions

    func run() throws {
        let output = try ResultOutput(texts.output)
        let model = try model.load()
        let limit = model.extractor.maximumLength
        var windows = DocumentWindows(try texts.source(), check: model.checkQuery)
        var notices = DocumentNotices()
        while let window = try windows.next() {
            let extractions = try model.extract(window.map(\.example.document))
            for (row, extraction) in zip(window, extractions) {
                guard let extraction else {
                    let reason = DocumentNotices.reason(row.example, limit: limit)
                    notices.noteUnreadable(row.example, reason)
                    try output.bytes.append(line: [
                        "id": .string(row.id), "rationale": [], "error": .string(reason),
                    ])
                    continue
                }
                if extraction.isTruncated {
                    notices.noteTruncation(extraction, of: row.example, limit: limit)
                }
                try output.bytes.append(
                    line: ResultLine.extraction(row, extraction, withScores: scores))
            }
            try output.bytes.flush()
        }
        try output.finish()
        notices.summarize()
        if notices.unreadable > 0 { throw ExitCode(65) }
    }
}
