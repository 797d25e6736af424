import ArgumentParser
import JSON
import Warrant

/// `warrant verify`.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Make certified predictions again, from their words alone.",
        discussion: """
            Reads the lines that warrant classify --certificates printed. For each line it checks

              - that the classifier at hand made it (SHA-256 of its files and of how it reads);
              - that the certificate's words give its label and, bit for bit, its logits;
              - that label, probabilities, classifier_input and rationale beside the certificate fit it.

            Logits need not be equal bit for bit where another engine (oneDNN, instruction set, kernels, \
            compiler) made them, or where they were made in bf16 and this CPU has none. If the label is \
            still that of the largest logit and the logits lie within \
            \(CertificateDistance.furthestAcrossEngines) (of bf16: \
            \(CertificateDistance.furthestAcrossPrecisions)), the line is close: it is listed with the \
            reason and the distance and counted apart, and does not fail but with --strict. The engine's \
            name is the certificate's own word, so where it matters give --strict and verify on the \
            engine that made it.

            With --source each row must have one line and each line one row, found by its id or, \
            without one, by its number; ids must differ. Each snippet must stand in the text, verbatim, \
            at its offsets, and consist of whole words. With --selection the model also selects again, \
            and its words must be the line's: a line whose words another selection picked fails. Where \
            both files are in the same order no text is held in memory.

            With --trust each line must be signed by one of the public keys in the file \
            (warrant classify --sign). Members of a line that no check reads are listed as not verified.

            Prints a line for each document that fails or is close. Exit status 1 if any fails, or if a \
            row has no line. A line without a certificate may only give the reason why there is no \
            prediction. A certificate holds neither text nor id: that its words were selected, and from \
            which text, is shown by --source and --selection alone.

            EXAMPLES
              warrant classify --model model --input in.jsonl --certificates > out.jsonl
              warrant verify --model model --input out.jsonl --source in.jsonl --selection
              warrant verify --model model --input out.jsonl --strict --trust key.pub
            """)

    @OptionGroup var model: ModelOptions

    @Option(
        help: ArgumentHelp(
            "Lines with certificates, or - for standard input (the default).", valueName: "file"))
    var input: String?

    @Option(help: ArgumentHelp("The texts that were classified.", valueName: "file"))
    var source: String?

    @Flag(help: "Select again from the source's texts, and fail lines with other words.")
    var selection = false

    @Flag(help: "Fail lines that are close but not equal bit for bit.")
    var strict = false

    @Option(
        help: ArgumentHelp(
            "Fail lines that no key of this file signed: public Ed25519 keys in PEM.",
            valueName: "file"))
    var trust: String?

    @Flag(
        help: ArgumentHelp(
            "Print JSON lines: {\"id\", \"line\", \"verdict\": \"fails\", \"differences\"} or "
                + "{\"id\", \"line\", \"verdict\": \"close\", \"reason\", \"distance\"}."))
    var json = false

    @OptionGroup(title: "Data options, for --source") var data: DataOptions

    func validate() throws {
        if source == "-", (input ?? "-") == "-" {
            throw ValidationError(
                "--input and --source cannot both be standard input: give a file for one of them")
        }
        if selection, source == nil {
            throw ValidationError("--selection selects from the texts: give them with --source")
        }
    }

    func run() throws {
        let output = ResultOutput.standard
        let keys = try trust.map { try PublicSigningKey.keys(path: $0) }
        let model = try model.load(.fp32)
        let path = input ?? "-"
        if input == nil, isTerminalInput {
            Messages.say("reading lines of warrant classify --certificates from the terminal")
        }
        let lines = CertifiedLines(try LineReader(path: path, maximumLineBytes: 1 << 28))
        var texts = try source.map { try SourceTexts($0, data.options(for: $0)) }
        let checks = CertificateChecks(model, threads: self.model.threading.count)
        let comparison = SourceComparison(words: model.manifest.words) {
            try model.classify([$0])[0] != nil
        }
        let selections =
            selection ? SelectionChecks(model, threads: self.model.threading.count) : nil
        var counts = VerificationCounts()
        while let entries = try lines.next(DocumentBatches.size, bytes: DocumentBatches.bytes) {
            var outcomes = try checks.outcomes(entries.map(\.line))
            if texts != nil {
                try compare(entries, &texts, comparison, selections, &outcomes)
            }
            for (entry, var outcome) in zip(entries, outcomes) {
                if let keys {
                    let found = AnswerSignature.difference(entry.line.json, trusted: keys)
                    outcome.differences += found.map { [$0] } ?? []
                } else if entry.line.json[AnswerSignature.key] != nil {
                    counts.addUnverified(AnswerSignature.key)
                }
                counts.add(entry.line, outcome, hasSource: source != nil)
                try print(entry, outcome, to: output.bytes)
            }
            try output.bytes.flush()
        }
        try output.finish()
        guard counts.all > 0 || path == "-" else {
            throw DatasetError(
                .badData, at: SourceLocation(file: path),
                "there are no lines; expected those of warrant classify --certificates")
        }
        Messages.say(
            counts.all > 0 ? counts.text : "standard input has no lines: nothing was verified")
        if let text = counts.unverifiedText { Messages.say(text) }
        if counts.all > 0, let unchecked { Messages.say("not checked: \(unchecked)") }
        let isComplete = try sayRest(&texts)
        if counts.failed > 0 || counts.all == 0 || !isComplete || (strict && counts.close > 0) {
            throw ExitCode(1)
        }
    }

    /// What was not asked for, and a line that holds does therefore not show; nil where all was.
    private var unchecked: String? {
        if source == nil {
            return "that the words stand in a text (--source), and that the model selects them "
                + "(--selection)"
        }
        return selection ? nil : "that the model selects these words (--selection)"
    }

    /// Compares lines with their texts and, where asked for, with the model's own selections, a few
    /// MiB of text at a time.
    private func compare(
        _ entries: [CertifiedLines.Entry], _ texts: inout SourceTexts?,
        _ comparison: SourceComparison, _ selections: SelectionChecks?,
        _ outcomes: inout [CertificateChecks.Outcome]
    ) throws {
        var pending: [(index: Int, line: CertifiedLine, row: Example)] = []
        var bytes = 0
        func select() throws {
            let found = try selections?.differences(pending.map { ($0.line, $0.row) }) ?? []
            for (item, difference) in zip(pending, found) {
                outcomes[item.index].differences += difference.map { [$0] } ?? []
            }
            (pending, bytes) = ([], 0)
        }
        for (index, entry) in entries.enumerated() {
            switch try texts?.row(of: entry.line) {
            case .problem(let problem): outcomes[index].differences.append(problem)
            case .row(let row):
                outcomes[index].differences += try comparison.differences(entry.line, row)
                guard selections != nil, entry.line.certificate != nil else { continue }
                pending.append((index, entry.line, row))
                bytes += row.text.utf8.count
                if bytes >= DocumentBatches.bytes { try select() }
            case nil: break
            }
        }
        try select()
    }

    /// Says which rows have no line and which ids are no names; returns whether there are none.
    private func sayRest(_ texts: inout SourceTexts?) throws -> Bool {
        guard let source, let (unanswered, repeated) = try texts?.rest() else { return true }
        if unanswered > 0 {
            Messages.say(
                "\(Figures.count(unanswered, "row")) of \(source) "
                    + (unanswered == 1 ? "has no line" : "have no line"))
        }
        if let repeated {
            Messages.say(
                "\(source): several rows have the id \(quoted(repeated)); ids must differ to say which "
                    + "answer is whose: give each row its own")
        }
        return unanswered == 0 && repeated == nil
    }

    private func print(
        _ entry: CertifiedLines.Entry, _ outcome: CertificateChecks.Outcome, to output: ByteOutput
    ) throws {
        let isClose = outcome.differences.isEmpty
        guard !isClose || outcome.distance != nil else { return }
        var members: [(key: String, value: JSONText)] = [
            ("id", .string(entry.line.id)), ("line", .integer(entry.number)),
            ("verdict", isClose ? "close" : "fails"),
        ]
        var text = outcome.differences.joined(separator: "; ")
        if isClose, let distance = outcome.distance {
            members += [
                ("reason", .string(distance.reason.text)), ("distance", .float(distance.largest)),
            ]
            text =
                "close: logits lie within \(distance.largest) of those made again, "
                + distance.reason.text
        } else {
            members.append(("differences", .array(outcome.differences.map { .string($0) })))
        }
        if json {
            try output.append(line: .object(members))
        } else {
            // One line a document, whatever an altered certificate holds.
            try output.append("\("\(entry.line.id): \(text)".visible)\n".utf8)
        }
    }
}
