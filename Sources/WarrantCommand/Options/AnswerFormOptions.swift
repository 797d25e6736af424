import ArgumentParser

/// What places in a text are counted in.
enum OffsetUnit: String, CaseIterable, ExpressibleByArgument {
    /// Bytes of UTF-8.
    case bytes
    /// Unicode scalars, as Python counts.
    case characters
    /// UTF-16 code units, as JavaScript counts.
    case utf16
}

/// The form of the answers.
enum AnswerFormat: String, CaseIterable, ExpressibleByArgument {
    case jsonl, doccano
    case labelStudio = "label-studio"
    case hfEntities = "hf-entities"
}

/// How answers are written: shared by `classify` and `extract`.
struct AnswerFormOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Form of the answers: jsonl, or for annotation tools doccano, label-studio or "
                + "hf-entities; FORMS above says what imports each.", valueName: "form"))
    var formatOut = AnswerFormat.jsonl

    @Option(
        help: ArgumentHelp(
            "Count places in the text in bytes, characters (Unicode scalars, as Python does) or "
                + "utf16 (as JavaScript does). Beside jsonl's byte offsets the others stand in a pair "
                + "of their own. Default: bytes for jsonl, characters for the other forms.",
            valueName: "unit"))
    var offsets: OffsetUnit?

    /// What places are counted in.
    var unit: OffsetUnit { offsets ?? (formatOut == .jsonl ? .bytes : .characters) }

    func validate() throws {
        guard formatOut == .jsonl || offsets != .bytes else {
            throw ValidationError(
                "--format-out \(formatOut.rawValue) counts characters or utf16; --offsets bytes goes "
                    + "with jsonl")
        }
    }

    /// Complains about an option that only JSON lines have room for.
    func requireJSONLines(for option: String) throws {
        guard formatOut == .jsonl else {
            throw ValidationError(
                "\(option) goes with --format-out jsonl: \(formatOut.rawValue) has no place for it")
        }
    }

    /// What the help of a command says of the forms.
    ///
    /// - Parameter name: what a span is called.
    static func forms(name: String) -> String {
        """
        FORMS
          doccano       A line for each text, {"id", "text", "label": [[start, end,
                        \(name)], …]}, which doccano imports as JSONL into a sequence
                        labeling project. Its pages count utf16 where characters
                        beyond U+FFFF stand (emoji): add --offsets utf16 then.
          label-studio  One JSON array of pre-annotated tasks, which Label Studio
                        imports. Its labeling interface needs <Text name="text"
                        value="$text"/>, <Labels name="rationale" toName="text"> and
                        for classify <Choices name="label" toName="text">. Label
                        Studio counts characters; before version 1.4, utf16.
          hf-entities   A line for each text, [{"entity_group", "score", "word",
                        "start", "end"}, …], as the token-classification pipeline of
                        transformers returns it, which counts characters.
        """
    }
}
