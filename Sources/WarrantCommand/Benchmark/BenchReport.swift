import Benchmarks
import JSON
import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A benchmark's figures as a table for people, and as JSON.
struct BenchReport {
    private let head: String
    private var table = TextTable(
        ["workload", "precision", "threads", "tokens/s", "GFLOP/s", "ms/document"]
            + Work.allCases.map(\.name) + ["rest"])

    /// A table without rows yet.
    ///
    /// - Parameter subject: what the model is called.
    init(subject: String, benchmark: Benchmark) {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let (configuration, documents) = (benchmark.model.configuration, benchmark.documents)
        head = """
            \(Engine.description); \(Figures.count(cores, "core"))
            \(subject.visible): \(Figures.count(configuration.layers, "layer")), \
            \(configuration.hiddenSize) wide; \
            \(Figures.count(documents.tokenized.count, "document")) of \
            \(Figures.count(documents.tokens, "token")) in all; \
            \(Figures.count(benchmark.repetitions, "repetition"))


            """
    }

    /// Adds a case.
    mutating func add(_ figures: BenchmarkMeasurements) {
        func cell<Value>(_ value: Value?, _ text: (Value) -> String) -> String {
            value.map(text) ?? "–"
        }
        let measured = figures.measured
        table.add(
            [
                measured.workload.rawValue, cell(measured.precision, \.rawValue),
                "\(measured.threads)", Figures.speed(figures.tokensPerSecond),
                cell(figures.gigaflops) { decimalText($0, places: 1) },
                cell(figures.millisecondsPerDocument) { decimalText($0, places: 2) },
            ]
                + (Work.allCases.map(figures.share) + [figures.shareOfRest]).map {
                    cell($0, Figures.percent)
                })
    }

    /// What was measured on, and a row for each case.
    var text: String { head + table.text }

    /// The same figures of a case, unrounded.
    static func json(_ figures: BenchmarkMeasurements) -> JSONText {
        let measured = figures.measured
        var members: [(key: String, value: JSONText)] = [
            ("workload", .string(measured.workload.rawValue)),
            ("precision", measured.precision.map { .string($0.rawValue) } ?? .null),
            ("threads", .integer(measured.threads)),
            ("documents", .integer(figures.documents)), ("tokens", .integer(figures.tokens)),
            ("seconds", .array(figures.seconds.map { .double($0) })),
            ("tokens_per_second", .double(figures.tokensPerSecond)),
        ]
        if let gigaflops = figures.gigaflops { members.append(("gflops", .double(gigaflops))) }
        if let rest = figures.shareOfRest {
            let shares = Work.allCases.map { kind in
                (key: "\(kind)", value: JSONText.double(figures.share(kind) ?? 0))
            }
            members.append(("shares", .object(shares + [(key: "rest", value: .double(rest))])))
        }
        if let milliseconds = figures.millisecondsPerDocument {
            members.append(("milliseconds_per_document", .double(milliseconds)))
        }
        return .object(members)
    }
}

extension Work {
    /// The head of its column.
    fileprivate var name: String {
        switch self {
        case .products: "products"
        case .attention: "attention"
        case .elementwise: "element-wise"
        case .optimizer: "optimizer"
        }
    }
}
