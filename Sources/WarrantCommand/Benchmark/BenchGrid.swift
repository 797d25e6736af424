import ArgumentParser
import Benchmarks
import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Which workloads are measured, how precise, and on how many threads.
struct BenchGrid: ParsableArguments {
    @Option(help: ArgumentHelp("What to measure. All by default.", valueName: "name"))
    var workload: [BenchmarkCase.Workload] = []

    @Option(
        help: ArgumentHelp(
            "Compute in fp32 or bf16; auto takes bf16 where the CPU has it. fp32, and bf16 where the "
                + "CPU has it, by default.", valueName: "name"))
    var precision: [PrecisionChoice] = []

    @Option(
        help: ArgumentHelp(
            "How many threads work. 1 and the number of cores by default.", valueName: "n"))
    var threads: [Int] = []

    func validate() throws {
        for count in threads { try check(count, in: 1...1024, "--threads") }
    }

    /// Every case once, in the order of workloads, precisions and threads.
    func cases(hasTexts: Bool) -> [BenchmarkCase] {
        let workloads =
            workload.isEmpty
            ? BenchmarkCase.Workload.allCases.filter { hasTexts || $0 != .tokenize } : workload
        let precisions = precisions
        let standardThreads = [1, ProcessInfo.processInfo.activeProcessorCount]
        var cases: [BenchmarkCase] = []
        for workload in workloads {
            let standard = workload == .latency ? [1] : standardThreads
            for precision in workload == .tokenize ? [nil] : precisions {
                for threads in threads.isEmpty ? standard : threads {
                    cases.append(BenchmarkCase(workload, precision: precision, threads: threads))
                }
            }
        }
        var seen: Set<BenchmarkCase> = []
        return cases.filter { seen.insert($0).inserted }
    }

    /// The precisions that were asked for and that this CPU has; it says where one is missing.
    private var precisions: [Precision?] {
        guard !precision.isEmpty else { return Precision.hasFastBF16 ? [.fp32, .bf16] : [.fp32] }
        if let notice = precision.compactMap(\.notice).first { Messages.say(notice) }
        return precision.map { choice in
            choice == .fp32 || !Precision.hasFastBF16 ? .fp32 : .bf16
        }
    }
}

extension BenchmarkCase.Workload: ExpressibleByArgument {}
