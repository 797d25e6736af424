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

    /// Opens the model; every file is checked against its SHA-256.
    func load(_ precision: PrecisionChoice) throws -> RationaleModel {
        if let notice = precision.notice { Messages.say(notice) }
        return try RationaleModel(
            folder: URL(filePath: model), threads: threading.count, precision: precision)
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
            "How many threads work; results do not depend on it. All cores by default.",
            valueName: "n"))
    var threads: Int?

    /// The number that was given, or one for each core.
    var count: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

    func validate() throws {
        if let threads { try check(threads, in: 1...1024, "--threads") }
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
