import AttentionModels
import Diagnose
import TestSupport
import Testing
import Warrant

/// A data set of a few short texts in which one word decides, and a classifier with attention over words
/// that is trained on it in a moment.
struct TinySubject {
    /// The classes' names, in order.
    var labels = ["negative", "positive"]
    /// Whether rows have a question.
    var asks = false
    /// How many words a text has at most.
    var longest = 7
    /// What is measured besides generated texts, by class.
    var extras: [(label: Int, text: String)] = [(0, "bad"), (1, "film film film")]
    /// How the model is trained.
    var options: AttentionOptions = {
        var options = AttentionOptions()
        options.embeddingSize = 8
        options.hiddenSize = 4
        options.epochs = 2
        options.batchSize = 8
        options.learningRate = 1e-2
        options.seed = 1
        return options
    }()

    private static let decisive = ["bad", "good", "odd", "plain", "rare"]
    private static let others = ["film", "actor", "plot", "the", "a", "story", "scene", "of"]

    /// A text whose class is that of one of its words.
    private func text(_ number: Int) -> String {
        let count = longest == 1 ? 1 : 2 + number * 5 % (longest - 1)
        var words = (0..<count).map { Self.others[(number * 7 + $0 * $0 + $0) % 8] }
        words[number * 3 % count] = Self.decisive[number % labels.count]
        return words.joined(separator: " ")
    }

    private func rows(_ numbers: Range<Int>, _ file: String) -> [Example] {
        numbers.map { row($0, text($0), number: $0 % labels.count, file) }
    }

    private func row(_ line: Int, _ text: String, number: Int, _ file: String) -> Example {
        Example(
            text: text, query: asks ? "is it good" : nil, label: labels[number],
            location: SourceLocation(file: file, line: line + 1))
    }

    /// The rows.
    func data() throws -> TrainingData {
        try TrainingData(
            train: rows(0..<40, "train"), dev: rows(40..<52, "dev"),
            test: rows(52..<60, "test")
                + extras.map { row(60, $0.text, number: $0.label, "test") }, seed: 0)
    }

    /// The run that trains the model.
    func run(threads: Int = 1) throws -> AttentionRun {
        let data = try data()
        return try AttentionRun(options, workers: Workers(threads: threads)) { data }
    }

    /// The model and the texts that it is measured on.
    func words(threads: Int = 1, data: String = "tiny.jsonl") throws -> WordSubject {
        WordSubject(try run(threads: threads), data: data)
    }
}

/// A diagnostic with settings that make it quick.
struct QuickDiagnostic: CustomTestStringConvertible, Sendable {
    let type: any Diagnostic.Type
    let settings: DiagnosticSettings
    var testDescription: String { type.entry.name }
    var name: String { type.entry.name }
    var diagnostic: AnyDiagnostic { AnyDiagnostic(type, settings) }

    /// Every diagnostic.
    static let all = DiagnosticRegistry.all.map { type in
        var settings = DiagnosticSettings()
        settings.permutations = 7
        settings.distributions = 2
        settings.orders = 2
        settings.adversaryEpochs = 2
        settings.patience = 1
        settings.lambdas = [0, 0.01]
        settings.seeds = type.entry.name == "copying" ? [3] : [5, 6]
        settings.batch = 4
        if type.entry.settings.contains(.steps) {
            settings.steps = type.entry.name == "adversary" ? 15 : 10
        }
        return QuickDiagnostic(type: type, settings: settings)
    }
    /// Those that train nothing but the model.
    static let cheap = all.filter {
        ["correlation", "permutation", "adversary", "erasure"].contains($0.name)
    }

    /// The one of this name.
    static func named(_ name: String) -> QuickDiagnostic {
        guard let found = all.first(where: { $0.name == name }) else {
            preconditionFailure("no \(name)")
        }
        return found
    }

    /// Its subject.
    func subject(
        _ tiny: TinySubject = TinySubject(), threads: Int = 1, data: String = "tiny.jsonl"
    ) throws -> (DiagnosticSubject, ReportContext) {
        guard type.entry.needs != .nothing else {
            return (
                .none(Workers(threads: threads)),
                ReportContext(model: "", modelFacts: [], data: "", labels: [])
            )
        }
        let words = try tiny.words(threads: threads, data: data)
        return (.words(words), words.context)
    }

    /// Its report, and how often somebody was told how far the work is.
    func report(
        _ tiny: TinySubject = TinySubject(), threads: Int = 1, data: String = "tiny.jsonl",
        store: any StageStore = NoStore()
    ) throws -> (report: DiagnosticReport, steps: Int) {
        let (subject, context) = try subject(tiny, threads: threads, data: data)
        var steps = 0
        let graph = StageGraph(store: store, remembering: DiagnosticMemory.stages) { _ in
            steps += 1
        }
        return (try diagnostic.report(subject, in: graph, context), steps)
    }
}

extension DiagnosticReport {
    /// All that is written of it.
    var contents: [String] {
        [json.write(), markdown, csv, picture.svg()] + texts.map { $0.write() }
    }
}
