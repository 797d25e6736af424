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
            certificate say the same. A line without a certificate may say only why there is no \
            prediction. With --source it also checks that each snippet stands in the text, verbatim, \
            at its offsets, and that it consists of whole words.

            Prints a line for each document that fails, with what differs, and exits with 1 if there \
            is any, or if a row of the source has no line. Rows of the source are found by their ids, \
            or by their numbers where they have none. Where both files are in the same order nothing \
            is held in memory; from the first line on that is out of order or does not fit its row, \
            the whole source is; standard input and pipes cannot be read again, so as a source they must be in the order \
            of the lines. Logits of a certificate that another \
            engine made (another oneDNN, another CPU) are compared within 0.001, and counted apart; \
            within 0.25 where they were computed in bf16 and this CPU has none; there a label holds that \
            is the one of the certificate's own largest logit.

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
        let model = try model.load(.fp32)
        let path = input ?? "-"
        if input == nil, isTerminalInput {
            Messages.say("reading lines of warrant classify --certificates from the terminal")
        }
        let lines = CertifiedLines(try LineReader(path: path, maximumLineBytes: 1 << 28))
        var texts = try source.map { path in
            try SourceTexts(path, data.options(for: path), words: model.manifest.words) {
                try model.classify([$0])[0] != nil
            }
        }
        let checks = CertificateChecks(model, threads: self.model.threading.count)
        var counts = Counts()
        while let window = try lines.next(DocumentWindows.size, bytes: DocumentWindows.bytes) {
            let differences = try checks.differences(window.map(\.line))
            for (entry, found) in zip(window, differences) {
                let found = found + (try texts?.differences(from: entry.line) ?? [])
                counts.add(entry.line, holds: found.isEmpty)
                if !found.isEmpty { try print(entry, found, to: output.bytes) }
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
        let unanswered = try texts?.unansweredRows() ?? 0
        if unanswered > 0, let source {
            Messages.say(
                "\(Figures.count(unanswered, "row")) of \(source) "
                    + (unanswered == 1 ? "has no line" : "have no line"))
        }
        if counts.failed > 0 || counts.all == 0 || unanswered > 0 { throw ExitCode(1) }
    }

    /// What became of the lines.
    private struct Counts {
        private var held = 0
        private(set) var failed = 0
        private var unpredicted = 0
        private var fromOtherEngines = 0
        private var inOtherPrecisions = 0
        var all: Int { held + failed + unpredicted }

        mutating func add(_ line: CertifiedLine, holds: Bool) {
            if !holds {
                failed += 1
            } else if let certificate = line.certificate {
                held += 1
                if certificate.tolerance == Certificate.toleranceAcrossPrecisions {
                    inOtherPrecisions += 1
                } else if certificate.tolerance > 0 {
                    fromOtherEngines += 1
                }
            } else {
                unpredicted += 1
            }
        }

        var text: String {
            let certificates = held + failed
            var text =
                failed == 0
                ? "\(Figures.count(held, "certificate")) \(held == 1 ? "holds" : "hold")"
                : "\(Figures.count(failed)) of \(Figures.count(certificates, "certificate")) "
                    + (failed == 1 ? "fails" : "fail")
            let loose = [
                compared(
                    fromOtherEngines, "made by another engine",
                    within: Certificate.toleranceAcrossEngines),
                compared(
                    inOtherPrecisions, "made in bf16, which this CPU lacks",
                    within: Certificate.toleranceAcrossPrecisions),
            ].compactMap { $0 }
            if failed > 0, !loose.isEmpty { text += "; \(Figures.count(held)) hold" }
            if !loose.isEmpty { text += " (\(loose.joined(separator: "; ")))" }
            if unpredicted > 0 {
                text += "; \(Figures.count(unpredicted, "document")) without a prediction"
            }
            return text
        }

        private func compared(_ count: Int, _ how: String, within tolerance: Float) -> String? {
            guard count > 0 else { return nil }
            return
                "\(Figures.count(count)) of them \(count == 1 ? "was" : "were") \(how): compared "
                + "within \(tolerance)"
        }
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
            let line = "\(entry.line.id): \(differences.joined(separator: "; "))"
            try output.append("\(line.visible)\n".utf8)
        }
    }
}
