import ArgumentParser
import Warrant

/// `warrant verify`.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Make certified predictions again, from their words alone.",
        discussion: """
            Reads the lines that warrant classify --certificates printed. For each it checks that the \
            classifier at hand made it (SHA-256), that the certificate's words give its logits and its \
            label, and that the label, probabilities, classifier_input and rationale beside the \
            certificate say the same. With --source it also checks that each snippet stands in the \
            text, verbatim, at its offsets, and that it consists of whole words.

            Prints a line for each document that fails, with what differs, and exits with 1 if there \
            is any. Rows of the source are found by their ids, or by their numbers where they have \
            none; reading is fastest where both are in the same order.

            EXAMPLES
              warrant classify --model model --input in.jsonl --certificates > out.jsonl
              warrant verify --model model --input out.jsonl --source in.jsonl
            """)

    @OptionGroup var model: ModelOptions

    @Option(
        help: ArgumentHelp(
            "Lines with certificates, or - for standard input (the default).", valueName: "file"))
    var input: String?

    @Option(help: ArgumentHelp("The texts that were classified.", valueName: "file"))
    var source: String?

    @Flag(help: "Print failures as JSON lines: {\"id\", \"line\", \"differences\"}.")
    var json = false

    @OptionGroup(title: "Data options, for --source") var data: DataOptions

    func validate() throws {
        if source == "-", (input ?? "-") == "-" {
            throw ValidationError(
                "--input and --source cannot both be standard input: give a file for one of them")
        }
    }

    func run() throws {
        let output = ResultOutput.standard
        let model = try model.load()
        let path = input ?? "-"
        if input == nil, isTerminalInput {
            Messages.say("reading lines of warrant classify --certificates from the terminal")
        }
        let lines = CertifiedLines(try LineReader(path: path, maximumLineBytes: 1 << 28))
        var texts = try source.map { try SourceTexts($0, data.options(for: $0)) }
        let checks = CertificateChecks(model, threads: self.model.threading.count)
        var (held, failed, unpredicted) = (0, 0, 0)
        while let window = try lines.next(DocumentWindows.size) {
            let certified = window.filter { $0.line.certificate != nil }
            unpredicted += window.count - certified.count
            let differences = try checks.differences(certified.map(\.line))
            for (entry, found) in zip(certified, differences) {
                var found = found
                if texts != nil {
                    found += try texts?.differences(from: entry.line) ?? []
                }
                if found.isEmpty {
                    held += 1
                } else {
                    failed += 1
                    try print(entry, found, to: output.bytes)
                }
            }
            try output.bytes.flush()
        }
        try output.finish()
        guard held + failed + unpredicted > 0 || path == "-" else {
            throw DatasetError(
                .badData, at: SourceLocation(file: path),
                "there are no lines; expected those of warrant classify --certificates")
        }
        summarize(held: held, failed: failed, unpredicted: unpredicted)
        if failed > 0 { throw ExitCode(1) }
    }

    private func print(
        _ entry: CertifiedLines.Entry, _ differences: [String], to output: ByteOutput
    ) throws {
        if json {
            try output.append(line: [
                "id": .string(entry.line.id), "line": .integer(entry.number),
                "differences": .array(differences.map { .string($0) }),
            ])
        } else {
            // One line a document, whatever an altered certificate holds.
            let text = "\(entry.line.id): \(differences.joined(separator: "; "))"
            let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
            try output.append("\(line)\n".utf8)
        }
    }

    private func summarize(held: Int, failed: Int, unpredicted: Int) {
        let all = held + failed
        var text =
            failed == 0
            ? "\(Figures.count(all, "certificate")) \(all == 1 ? "holds" : "hold")"
            : "\(Figures.count(failed)) of \(Figures.count(all, "certificate")) "
                + (failed == 1 ? "fails" : "fail")
        if unpredicted > 0 {
            text += "; \(Figures.count(unpredicted, "document")) without a prediction"
        }
        Messages.say(text)
    }
}
