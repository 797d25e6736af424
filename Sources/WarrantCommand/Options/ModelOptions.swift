import ArgumentParser
import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Which model answers, and on how many threads.
struct ModelOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The folder that warrant train wrote.", valueName: "folder"))
    var model: String

    @OptionGroup var threading: ThreadOptions

    @Option(
        help: ArgumentHelp(
            "How much memory passes through the model may take at the same time, such as 800M or 2G: "
                + "fewer threads work where more would not fit, and a text of which not even one pass "
                + "fits is refused. Four fifths of what the machine has by default.",
            valueName: "size"),
        transform: { argument in
            guard let limit = MemoryLimit(argument) else {
                throw ValidationError("expected a size above 0, such as 800M, 2G or 1.5G")
            }
            return limit
        })
    var memoryLimit: MemoryLimit?

    /// Opens the model; every file is checked against its SHA-256.
    func load(_ precision: PrecisionChoice) throws -> RationaleModel {
        if let notice = precision.notice { Messages.say(notice) }
        return try RationaleModel(
            folder: URL(filePath: model), threads: threading.count, precision: precision,
            memoryLimit: memoryLimit ?? .ofMachine)
    }
}

extension PrecisionChoice: ExpressibleByArgument {}

/// What answers are computed in.
struct PrecisionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Compute in fp32 or bf16; auto takes bf16 where the CPU has it and training saw that the "
                + "model's scores do not move.", valueName: "name"))
    var precision = PrecisionChoice.auto
}

/// How many threads work.
struct ThreadOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How many threads work, at most four times the cores; results do not depend on it. All "
                + "cores by default.",
            valueName: "n"))
    var threads: Int?

    private static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// The most threads that are of any use.
    private static var most: Int { 4 * cores }

    /// The number that was given, within reason, or one for each core.
    var count: Int { min(threads ?? Self.cores, Self.most) }

    func validate() throws {
        guard let threads else { return }
        try check(threads, in: 1...1024, "--threads")
        if threads > Self.most {
            Messages.say(
                "--threads is \(threads): \(Self.most) work, four for each core; more would only take "
                    + "memory")
        }
    }
}

/// Complains about a number that is out of its range.
func check<Value: Comparable>(
    _ value: Value, in range: ClosedRange<Value>, _ option: String
) throws {
    guard range.contains(value) else {
        throw ValidationError(
            "\(option) is \(value); give a number from \(range.lowerBound) to \(range.upperBound)")
    }
}
