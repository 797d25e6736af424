import ArgumentParser
import Warrant

/// `warrant score`.
struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Score rationales against human ones, from result files in ERASER's format.",
        discussion: """
            Any system's results can be scored; no model is needed. The figures are those of ERASER's \
            own metrics.py: agreement with human rationales by tokens, by whole spans and by spans \
            that overlap; how well scores of tokens or sentences rank what humans marked; \
            classification; and faithfulness, where results tell what a model says without its \
            rationales and from them alone.

            A result is a JSON object a line, one for each annotation:
              {"annotation_id": "…", "rationales": [{"docid": "…",
               "hard_rationale_predictions": [{"start_token": 3, "end_token": 7}],
               "soft_rationale_predictions": [0.1, …]}],
               "classification": "NEG", "classification_scores": {"NEG": 0.9, "POS": 0.1}}

            Annotations without evidence count in classification only; they are reported.

            EXAMPLES
              warrant score --annotations movies/val.jsonl --documents movies/docs \\
                --predictions predictions.jsonl
              warrant score --annotations movies/val.jsonl --documents movies/docs \\
                --predictions predictions.jsonl --strict --json > scores.json
            """)

    @Option(help: ArgumentHelp("Human annotations: a split of an ERASER set.", valueName: "file"))
    var annotations: String

    @Option(
        help: ArgumentHelp(
            "The folder of the split's documents, or the file docs.jsonl of all of them.",
            valueName: "path"))
    var documents: String

    @Option(help: ArgumentHelp("Results in ERASER's format.", valueName: "file"))
    var predictions: String

    @Flag(help: "Refuse results without classification and its scores.")
    var strict = false

    @Flag(help: "Print ERASER's score file instead of tables.")
    var json = false

    func run() throws {
        let output = ResultOutput.standard
        let split = try EraserSplit(annotations: annotations, documents: documents)
        let scores: EraserScores
        do {
            scores = try split.score(
                EraserResult.read(path: predictions), requiresClassification: strict)
        } catch let flaws as EraserFlaws {
            for flaw in flaws.named { Messages.say(flaw.description) }
            if flaws.count > flaws.named.count {
                let more = Figures.count(flaws.count - flaws.named.count)
                Messages.say("\(predictions): and \(more) more errors")
            }
            throw ExitCode(DatasetError.Kind.badData.exitStatus)
        }
        if json {
            if scores.withoutEvidence > 0 {
                Messages.say(
                    "\(annotations): \(Figures.count(scores.withoutEvidence)) of "
                        + "\(Figures.count(scores.annotations, "annotation")) without evidence: "
                        + "not scored for agreement")
            }
            try output.bytes.append(line: scores.json)
        } else {
            try output.bytes.append(ScoreReport(scores).text.utf8)
        }
        try output.finish()
    }
}
