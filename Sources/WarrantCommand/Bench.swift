import ArgumentParser
import Benchmarks
import Warrant

/// `warrant bench`.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure speed on this machine, and show where the time goes.",
        discussion: """
            Workloads:
              tokenize  texts to tokens, with the encoder's tokenizer
              encode    documents to the last hidden states of all their tokens
              latency   each document alone to its logits, on 1 thread by default
              train     steps as warrant train takes them: forward with dropout, backward,
                        clipping, AdamW

            Each is measured for every precision and number of threads that is named; all that the \
            arguments allow where none is. A first pass over the documents is not measured; of the \
            others the median counts. Tokens are real ones: nothing is padded. Shares are parts of \
            threads x time; "rest" is what lies between kernels, and waiting for other threads.

            Without --input the documents are synthetic, and without --encoder the weights are random: \
            the speed of a pass hardly depends on what they are.

            EXAMPLES
              warrant bench
              warrant bench --encoder all-MiniLM-L6-v2 --input dev.tsv
              warrant bench --encoder all-MiniLM-L6-v2 --input dev.tsv --limit 200 \\
                --workload train --precision fp32 --threads 1 --threads 2
              warrant bench --shape bert-base --tokens 512 --documents 8 --workload encode
              warrant bench --precision bf16 --threads 2 --json > figures.jsonl

            With --json each case is a line:

              {"workload": "encode", "precision": "fp32", "threads": 2, "documents": 32,
               "tokens": 4096, "seconds": […], "tokens_per_second": …, "gflops": …,
               "shares": {"products": …, "attention": …, "elementwise": …,
               "optimizer": …, "rest": …}}

            latency has "milliseconds_per_document", the median, too; tokenize has neither "gflops" \
            nor "shares", and its "precision" is null.
            """)

    @OptionGroup(title: "What works on what") var subject: BenchSubject

    @OptionGroup(title: "Cases, each option as often as needed") var grid: BenchGrid

    @Option(help: ArgumentHelp("Documents in a training step.", valueName: "n"))
    var batchSize = 32

    @Option(help: ArgumentHelp("Measured passes over all documents.", valueName: "n"))
    var repetitions = 3

    @Flag(help: "Print a JSON line for each case, as soon as it is measured, instead of a table.")
    var json = false

    @OptionGroup(title: "Data options") var dataOptions: DataOptions

    func validate() throws {
        try check(batchSize, in: 1...4096, "--batch-size")
        try check(repetitions, in: 1...1000, "--repetitions")
        if grid.workload.contains(.tokenize), subject.input.isEmpty {
            throw ValidationError("--workload tokenize needs texts: give --encoder and --input")
        }
    }

    func run() throws {
        let output = ResultOutput.standard
        let (model, documents) = try subject.load(dataOptions)
        let benchmark = Benchmark(
            model: model, documents: documents, batchSize: batchSize, repetitions: repetitions)
        let cases = grid.cases(hasTexts: documents.texts != nil)
        var report = BenchReport(subject: subject.name, benchmark: benchmark)
        for (number, measured) in cases.enumerated() {
            let place = "\(number + 1)/\(cases.count) \(measured.name)"
            let figures = try benchmark.run(measured) { repetition in
                show(place, repetition: repetition)
            }
            clearProgress()
            if json {
                try output.bytes.append(line: BenchReport.json(figures))
                try output.bytes.flush()
            } else {
                report.add(figures)
            }
        }
        if !json { try output.bytes.append(report.text.utf8) }
        try output.finish()
    }

    /// One line for each case, redrawn on a terminal.
    private func show(_ place: String, repetition: Int) {
        if Messages.isTerminal {
            let pass = repetition == 0 ? "warm-up" : "pass \(repetition) of \(repetitions)"
            Messages.write("\r\(place): \(pass)\u{1B}[K")
        } else if repetition == 0 {
            Messages.write("\(place)\n")
        }
    }

    /// Leaves the line for what comes next.
    private func clearProgress() {
        if Messages.isTerminal { Messages.write("\r\u{1B}[K") }
    }
}

extension BenchmarkCase {
    /// `encode fp32 2 threads`.
    fileprivate var name: String {
        [workload.rawValue, precision?.rawValue, Figures.count(threads, "thread")]
            .compactMap { $0 }.joined(separator: " ")
    }
}
