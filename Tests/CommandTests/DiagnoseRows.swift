import Foundation
import TestSupport

/// Rows on which `warrant diagnose` trains a tiny model in a moment.
struct DiagnoseRows {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for (name, numbers) in [("train", 0..<40), ("dev", 40..<52), ("test", 52..<61)] {
            // A word of its own in each, for a text in two sets is something to be told.
            let rows = numbers.map {
                "\(TinyModel.sentence($0)) n\($0)\t\($0 % 2 == 0 ? "negative" : "positive")\n"
            }
            try folder.file("\(name).tsv", "sentence\tlabel\n" + rows.joined())
        }
    }

    func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    /// What makes each diagnostic quick.
    static let quick: [(name: String, settings: [String])] = [
        ("correlation", []), ("permutation", ["--permutations", "9"]),
        ("adversary", ["--distributions", "2", "--steps", "20"]), ("erasure", ["--orders", "2"]),
        ("uniform", ["--seeds", "3,4"]), ("seeds", ["--seeds", "5,6"]),
        ("guide", ["--lambdas", "0.01", "--adversary-epochs", "2"]),
        ("divergence", ["--lambdas", "0,0.01", "--seeds", "5", "--adversary-epochs", "2"]),
        ("relevance", ["--seeds", "20,13", "--steps", "10"]),
        ("copying", ["--seeds", "0", "--steps", "5", "--batch", "4"]),
    ]

    /// Options of a tiny model.
    static let model = [
        "--embedding-size", "8", "--hidden-size", "4", "--epochs", "2", "--batch-size", "8",
        "--learning-rate", "1e-2", "--threads", "1",
    ]

    /// The arguments of a diagnostic of these rows.
    func arguments(_ name: String, output: String = "out", _ more: [String] = []) -> [String] {
        let settings = Self.quick.first { $0.name == name }?.settings ?? []
        let data =
            name == "copying"
            ? []
            : [
                "--train", path("train.tsv"), "--dev", path("dev.tsv"), "--test",
                path("test.tsv"),
            ]
        return ["diagnose", name, "--output", path(output)] + settings + data + Self.model + more
    }

    /// The bytes of the results in a folder.
    func results(_ output: String = "out") throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: path(output))
        where name != "stages" {
            files[name] = try folder.bytes(of: "\(output)/\(name)")
        }
        return files
    }

    /// What is kept in a folder.
    func stages(_ path: String = "out/stages") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self.path(path)).sorted()
    }
}
