import ArgumentParser
import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where texts come from and where answers go: shared by the commands that stream.
struct TextOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("Texts to read instead of a file, each an argument.", valueName: "text"))
    var texts: [String] = []

    @Option(
        help: ArgumentHelp(
            "What is asked about the texts given as arguments, for models with queries.",
            valueName: "text"))
    var query: String?

    @Option(
        help: ArgumentHelp(
            "The texts' file, an ERASER split, a folder of classes' folders, or - for standard input (the "
                + "default).",
            valueName: "file"))
    var input: String?

    @Option(
        help: ArgumentHelp(
            "Where the answers go; appears only when complete. Standard output by default.",
            valueName: "file"))
    var output: String?

    @Flag(
        help: ArgumentHelp(
            "Name rows that cannot be read on standard error and answer those behind them; the exit status "
                + "is 65 at the end."))
    var keepGoing = false

    @OptionGroup(title: "Data options") var data: DataOptions

    func validate() throws {
        guard !texts.isEmpty else {
            guard query == nil else {
                throw ValidationError(
                    "--query goes with texts as arguments; rows of a file have queries of their own"
                )
            }
            return
        }
        if input != nil {
            throw ValidationError("texts as arguments and --input exclude each other: give one")
        }
        // A file's name given as a text would be classified as a text, to nobody's use.
        if texts.count == 1, FileManager.default.fileExists(atPath: texts[0]) {
            throw ValidationError("\(texts[0]) is a file: give it with --input")
        }
    }

    /// The texts, ready to be read.
    ///
    /// - Parameter readsRationales: whether what humans marked is needed.
    func source(readsRationales: Bool) throws -> any DocumentSource {
        guard texts.isEmpty else { return ArgumentSource(texts, query: query) }
        let path = input ?? "-"
        var options = data.options(for: path)
        options.readsRationales = readsRationales
        let reader = try ExampleReader(path: path, options: options, report: Messages.say)
        if input == nil, isTerminalInput {
            let form =
                reader.format == .text
                ? "one a line" : "one a line as JSON, such as {\"text\": \"…\"}"
            Messages.say(
                "reading texts from the terminal, \(form); end with Ctrl-D"
                    + (data.format == nil ? " (--format text takes plain lines)" : ""))
        }
        return FileSource(reader)
    }
}
