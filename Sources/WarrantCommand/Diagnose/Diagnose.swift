import ArgumentParser
import AttentionModels
import Diagnose
import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `warrant diagnose`.
struct Diagnose: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagnose",
        abstract: "Test what a model's attention says about its predictions.",
        discussion: """
            Each diagnostic asks one question of a model and labelled texts, as the debate about \
            attention as explanation asked it. A classifier with attention over words is trained for it \
            on --train, as Jain & Wallace (2019) trained theirs, and measured on --test. F1 is that of the \
            second class in the order of the labels, which is the positive one in the papers.

            In the folder --output: summary.json and texts.jsonl for programs, summary.md and \
            tables.csv for people, picture.svg, and stages, which holds what was trained and measured: \
            the same command goes on from there, and other diagnostics of the same model use it \
            (--stages names a folder for several).

            EXAMPLES
              warrant diagnose correlation --train train.jsonl --dev dev.jsonl \\
                --test test.jsonl --embeddings all-MiniLM-L6-v2 --output attention
              warrant diagnose permutation --train train.jsonl --dev dev.jsonl \\
                --test test.jsonl --embeddings all-MiniLM-L6-v2 --output shuffled \\
                --stages attention/stages
            """,
        subcommands: [
            DiagnoseCommand<Correlation, CorrelationArguments>.self,
            DiagnoseCommand<Permutation, PermutationArguments>.self,
            DiagnoseCommand<Adversary, AdversaryArguments>.self,
            DiagnoseCommand<Erasure, ErasureArguments>.self,
            DiagnoseCommand<Uniform, UniformArguments>.self,
            DiagnoseCommand<Seeds, SeedsArguments>.self,
            DiagnoseCommand<Guide, GuideArguments>.self,
            DiagnoseCommand<ModelDivergence, DivergenceArguments>.self,
            DiagnoseCommand<RelevanceDiagnostic, RelevanceArguments>.self,
            DiagnoseCommand<CopyingDiagnostic, CopyingArguments>.self,
        ])
}

/// The settings of a diagnostic as options.
protocol DiagnosticArguments: ParsableArguments {
    /// The settings.
    var settings: DiagnosticSettings { get }
    /// Examples for `--help`, a line each.
    static var examples: [String] { get }
}

/// A subcommand of `warrant diagnose`.
struct DiagnoseCommand<Kind: Diagnostic, Arguments: DiagnosticArguments>: ParsableCommand {
    static var configuration: CommandConfiguration {
        let entry = Kind.entry
        return CommandConfiguration(
            commandName: entry.name, abstract: entry.question,
            discussion: """
                \(entry.measure)

                Source: \(entry.source)

                EXAMPLES
                \(Arguments.examples.map { "  " + $0 }.joined(separator: "\n"))
                """)
    }

    @OptionGroup(title: "Diagnostic") var arguments: Arguments

    @Option(
        help: ArgumentHelp(
            "The folder of the results; what is in it is replaced by newer results.",
            valueName: "folder"))
    var output: String

    @Option(
        help: ArgumentHelp(
            "The folder of what is kept between runs; stages in --output by default. Several "
                + "diagnostics may share one.", valueName: "folder"))
    var stages: String?

    @Flag(help: "Print summary.json on standard output instead of the summary for people.")
    var json = false

    @Flag(help: "Print tables.csv on standard output instead of the summary for people.")
    var csv = false

    @OptionGroup(title: "Data") var sets: DiagnosticSetOptions

    @OptionGroup(title: "Model") var model: AttentionModelOptions

    @OptionGroup var threading: ThreadOptions

    @OptionGroup(title: "Data options") var dataOptions: DataOptions

    func run() throws {
        let workers = Workers(threads: threading.count, precision: .fp32)
        let subject: DiagnosticSubject
        let context: ReportContext
        if Kind.entry.needs == .nothing {
            subject = .none(workers)
            context = ReportContext(model: "", modelFacts: [], data: "", labels: [])
        } else if let model = sets.model {
            let (rows, name) = try sets.measured(dataOptions)
            let loaded = try LoadedSubject(
                folder: URL(filePath: model), measuring: rows, data: name, workers: workers)
            if loaded.leftOut > 0 {
                Messages.say(
                    "\(Figures.count(loaded.leftOut, "row")) without words, or longer than the model "
                        + "reads at a time, left out")
            }
            subject = .loaded(loaded)
            context = loaded.context
        } else {
            let sets = try sets.required(for: Kind.entry.name)
            let options = try model.options()
            try options.validate()
            let (data, names) = try sets.read(dataOptions, seed: options.seed)
            TrainingDataReport(data, names).say()
            let run = try AttentionRun(options, workers: workers) { data }
            // Rows of test without words leave no set of test.
            let measured = names.last { $0.role == (run.rows.hasTest ? "test" : "dev") }
            let words = WordSubject(run, data: measured?.name ?? "")
            subject = .words(words)
            context = words.context
        }
        let folder = URL(filePath: output)
        let results = DiagnosticFolder(folder, writing: Interruption.whole)
        Interruption.guarding(saying: "stopped; the same command goes on from here") {}
        try results.prepare().forEach(Messages.say)
        let store = StageFolder(
            folder: self.stages.map { URL(filePath: $0) } ?? folder.appending(path: "stages"),
            say: Messages.say, writing: Interruption.whole)
        try store.prepare().forEach(Messages.say)
        let display = TrainingDisplay(isTerminal: Messages.isTerminal, stages: [])
        defer { display.close() }
        let graph = StageGraph(
            store: store, remembering: DiagnosticMemory.stages, report: display.show)
        let report = try AnyDiagnostic(Kind.self, arguments.settings)
            .report(subject, in: graph, context)
        display.close()
        try results.write(report)
        let text = json ? report.json.write() + "\n" : csv ? report.csv : report.markdown
        let out = ResultOutput.standard
        try out.bytes.append(text.utf8)
        try out.finish()
        Messages.say(
            "the results are in \(output.visible): "
                + DiagnosticFolder.names.joined(separator: ", "))
    }

    func validate() throws {
        guard !(json && csv) else { throw ValidationError("--json and --csv exclude each other") }
        guard Kind.entry.needs != .nothing || sets.isEmpty else {
            throw ValidationError(
                "\(Kind.entry.name) makes its own texts: leave --train, --dev, --test and --model out"
            )
        }
        guard sets.model == nil || sets.train == nil else {
            throw ValidationError("--model and --train exclude each other: give one")
        }
    }
}
