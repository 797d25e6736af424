import Foundation
import TestSupport
import Testing

/// The real binary, run as a user runs it.
struct Command {
    /// What a run left.
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String

        /// Standard output's lines.
        var lines: [String] { Outcome.lines(output) }
        /// Standard error's lines.
        var errorLines: [String] { Outcome.lines(errors) }

        /// Each line of standard output as a JSON object.
        func objects() throws -> [[String: Any]] {
            try lines.map {
                try #require(
                    try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
        }

        private static func lines(_ text: String) -> [String] {
            text.split(separator: "\n").map(String.init)
        }
    }

    /// The binary beside the test bundle, wherever the build folder is.
    static let path: String? = {
        let places =
            CommandLine.arguments + [Bundle.main.executablePath ?? ""]
            + Bundle.allBundles.map(\.bundlePath)
        for place in places where place.contains("/") {
            var folder = URL(fileURLWithPath: place).deletingLastPathComponent()
            while folder.path != "/" {
                let candidate = folder.appendingPathComponent("warrant").path
                var isFolder: ObjCBool = false
                if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder),
                    !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: candidate)
                {
                    return candidate
                }
                folder.deleteLastPathComponent()
            }
        }
        return nil
    }()

    /// The package's folder.
    static let root: URL = {
        // …/Tests/CommandTests/this file: three components below the package.
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { folder.deleteLastPathComponent() }
        return folder
    }()

    /// The model that ships with the package.
    static let shippedModel = root.appendingPathComponent("Models/sst-small").path

    /// Runs the command to its end.
    static func run(_ arguments: [String], input: String = "") throws -> Outcome {
        try run(executable: #require(path, "the binary is not beside the tests"), arguments, input)
    }

    /// Runs a line of shell, in which `$0` is the binary and `$1`… are the arguments.
    static func shell(_ line: String, _ arguments: [String]) throws -> Outcome {
        let path = try #require(path, "the binary is not beside the tests")
        return try run(executable: "/bin/bash", ["-c", line, path] + arguments, "")
    }

    /// A process that has not been started, with its standard error in a file.
    static func process(_ arguments: [String], errors: URL) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(path))
        process.arguments = arguments
        try Data().write(to: errors)
        process.standardError = try FileHandle(forWritingTo: errors)
        return process
    }

    /// The most memory that a process has held so far, in bytes; it must not have ended.
    ///
    /// `wait4` does not do on Linux: there a child's record begins with what its parent held.
    static func peakMemory(of process: Process) throws -> Int {
        #if os(Linux)
        let status = try String(
            contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        let words = line.split(whereSeparator: \.isWhitespace)
        try #require(words.count == 3 && words[2] == "kB", "\(line)")
        let kibibytes = try #require(Int(words[1]))
        return kibibytes * 1_024
        #else
        var usage = rusage_info_v4()
        let status = withUnsafeMutablePointer(to: &usage) {
            $0.withMemoryRebound(to: rusage_info_t?.self, capacity: 1) {
                proc_pid_rusage(process.processIdentifier, RUSAGE_INFO_V4, $0)
            }
        }
        try #require(status == 0)
        return Int(usage.ri_lifetime_max_phys_footprint)
        #endif
    }

    private static func run(
        executable: String, _ arguments: [String], _ input: String
    ) throws -> Outcome {
        // Files, since a pipe that nobody empties would stop the process.
        let folder = try TemporaryFolder()
        let (inFile, outFile, errorFile) = (
            try folder.file("in", input), try folder.file("out", ""), try folder.file("err", "")
        )
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: inFile))
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outFile))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorFile))
        try process.run()
        process.waitUntilExit()
        func text(_ path: String) throws -> String {
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        }
        let status =
            process.terminationReason == .uncaughtSignal
            ? 128 + process.terminationStatus : process.terminationStatus
        return Outcome(status: status, output: try text(outFile), errors: try text(errorFile))
    }
}
