import Datasets
import Training

extension ExperimentFile.DataSet {
    /// Reads and checks the rows of all sets. What is held out for dev is drawn by the first of the
    /// seeds and the same for all of them, so that runs differ in nothing but the seed.
    ///
    /// - Parameter notice: receives what was found out about the rows and what was left out.
    /// - Throws: `DatasetError` that names the row.
    package func rows(notice: @escaping (String) -> Void = { _ in }) throws -> TrainingData {
        func examples(
            _ path: String, split: String, _ options: DatasetOptions
        ) throws -> [Example] {
            var options = options
            options.split = split
            return try ExampleReader.examples(path: path, options: options, report: notice)
        }
        let devPath = dev ?? split("val")
        let testPath = testIsDev ? nil : test ?? split("test")
        let dev = try devPath.map { try examples($0, split: "val", options) }
        let test = try testPath.map { try examples($0, split: "test", testOptions) } ?? []
        let data = try TrainingData(
            train: try examples(train, split: "train", options), dev: dev, test: test,
            seed: seeds.first ?? 0)
        return testIsDev ? TrainingData(testIsDevOf: data) : data
    }

    /// The training rows' folder, where it is one and has this split.
    private func split(_ split: String) -> String? {
        DatasetFolder(train).has(split: split) ? train : nil
    }
}
