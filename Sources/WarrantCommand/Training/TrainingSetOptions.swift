import ArgumentParser
import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The rows to learn from and to measure on.
struct TrainingSetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Rows to learn from: a file, an ERASER dataset's folder, or a folder with a folder for each "
                + "class.", valueName: "file"))
    var train: String

    @Option(
        help: ArgumentHelp(
            "Rows that decide which epoch is best; a tenth of the training rows of each class, drawn "
                + "by the seed, by default.",
            valueName: "file"))
    var dev: String?

    @Option(help: ArgumentHelp("Rows that are only measured.", valueName: "file"))
    var test: String?

    @OptionGroup var labels: LabelOptions

    /// Reads and checks all sets.
    ///
    /// - Parameter seed: draws the rows that are held out where there is no dev set.
    /// - Throws: `DatasetError` that names the row.
    func read(
        _ data: DataOptions, seed: UInt64
    ) throws -> (data: TrainingData, names: [TrainingSets.Name]) {
        try TrainingSets(train: train, dev: dev, test: test, labels: labels)
            .read(data, seed: seed)
    }
}

/// Where the rows of a training are.
struct TrainingSets {
    var train: String
    var dev: String?
    var test: String?
    var labels: LabelOptions

    /// A set of rows by the name that people know it by.
    struct Name {
        let role: String
        let name: String

        /// How many documents of the set took part.
        func documents(of counts: Splits<Int>) -> Int {
            switch role {
            case "train": counts.train
            case "dev": counts.dev
            default: counts.test
            }
        }
    }

    /// Reads and checks all sets.
    ///
    /// - Parameter seed: draws the rows that are held out where there is no dev set.
    /// - Throws: `DatasetError` that names the row.
    func read(_ data: DataOptions, seed: UInt64) throws -> (data: TrainingData, names: [Name]) {
        let devPath = dev ?? split("val", beside: train)
        let testPath = test ?? split("test", beside: train)
        let rows = try TrainingData(
            train: try examples(train, split: "train", data),
            dev: try devPath.map { try examples($0, split: "val", data) },
            test: try testPath.map { try examples($0, split: "test", data) } ?? [],
            seed: seed)
        let trainName = Self.name(of: train)
        var names = [Name(role: "train", name: trainName)]
        names.append(
            Name(role: "dev", name: devPath.map(Self.name) ?? "held out of \(trainName)"))
        if let testPath { names.append(Name(role: "test", name: Self.name(of: testPath))) }
        return (rows, names)
    }

    private func examples(
        _ path: String, split: String, _ data: DataOptions
    ) throws -> [Example] {
        var options = labels.options(for: path, data)
        options.split = split
        return try ExampleReader.examples(path: path, options: options, report: Messages.say)
    }

    /// The folder, where it is one and has a split.
    private func split(_ split: String, beside folder: String) -> String? {
        DatasetFolder(folder).has(split: split) ? folder : nil
    }

    static func name(of path: String) -> String {
        path == "-" ? "standard input" : URL(filePath: path).lastPathComponent
    }
}
