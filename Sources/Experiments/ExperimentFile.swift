import AttentionModels
import Datasets
import Diagnose
import Errors
import Files
import JSON
import Models
import Rationales
import Saliency
import Training

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An experiment as a file describes it: data sets, and for each of them scorers, thresholders and
/// seeds, of which every combination is a cell.
///
///     {
///       "encoder": "all-MiniLM-L6-v2",
///       "data": [{"name": "sst", "train": "sst/train.tsv", "dev": "sst/dev.tsv"}],
///       "scorers": ["cls-attention"],
///       "thresholders": ["top-k", {"thresholder": "top-p", "mass": 0.5}],
///       "ratios": [0.1, 0.2], "seeds": [0, 1, 2], "controls": ["random"]
///     }
public struct ExperimentFile: Sendable, Equatable {
    /// Rows, and what is done with them.
    public struct DataSet: Sendable, Equatable {
        /// The name in tables.
        public let name: String
        /// Rows to learn from: a file or an ERASER folder, which has the other sets, too.
        public let train: String
        /// Rows that decide which epoch is best; nil: those of the ERASER folder, or a tenth of the
        /// training rows of each class, drawn by the first of the seeds for all of them.
        public let dev: String?
        /// Rows that are only measured; nil: those of the ERASER folder, or none.
        public let test: String?
        /// Whether the rows of dev are measured as if they were those of test.
        public let testIsDev: Bool
        /// How rows to learn from, and those of dev, are read.
        public let options: DatasetOptions
        /// How rows of test are read.
        public let testOptions: DatasetOptions
        /// The scorers' names with their settings.
        public let scorers: [String]
        /// What selects words by their scores.
        public let thresholders: [ThresholderSettings]
        /// A run for each.
        public let seeds: [UInt64]
        /// How models are trained.
        public let recipe: ExperimentRecipe
        /// What is asked of models with attention.
        package let diagnostics: DiagnosticGrid
        /// Which texts models with attention read.
        package let lengths: LengthFilter
    }

    /// Where it was read.
    public let path: String
    /// The encoder's folder, where the file names one.
    public let encoder: String?
    /// The same as it is written, which may be an encoder's name and no path.
    let encoderName: String?
    /// The data sets in order.
    public let data: [DataSet]
    /// What classifiers are compared with.
    public let controls: [Control]
    /// How taggers are trained; nil: scorers and thresholders select themselves.
    public let tagging: TrainingOptions.Tagging?

    /// Whether rationale models are trained: whether a data set has a scorer and a thresholder.
    public var hasRationales: Bool {
        data.contains { !$0.scorers.isEmpty && !$0.thresholders.isEmpty }
    }
    /// Whether diagnostics are made.
    public var hasDiagnostics: Bool { data.contains { !$0.diagnostics.requests.isEmpty } }

    /// Reads a file; paths in it are relative to its folder.
    ///
    /// - Throws: `WarrantError` that names the file and the place in it: an unknown key or name, a
    ///   value of the wrong type or out of its range, a file that is not there.
    public init(path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw WarrantError(.missingInput, "\(path): cannot be read; check the path")
        }
        let bytes = try MappedFile.bytes(of: path)
        let folder = URL(filePath: path).deletingLastPathComponent().path
        try self.init(bytes, path: path, folder: folder)
        for (index, set) in data.enumerated() {
            for (key, file) in [("train", set.train), ("dev", set.dev), ("test", set.test)] {
                guard let file, !FileManager.default.fileExists(atPath: file) else { continue }
                throw WarrantError(
                    .missingInput,
                    "\(path): \"data[\(index)].\(key)\": there is no \(file); paths are relative to "
                        + "the experiment file's folder")
            }
        }
    }

    /// Reads a file's bytes, without a look at the files that it names.
    ///
    /// - Parameter folder: what paths are relative to.
    package init(_ bytes: [UInt8], path: String, folder: String) throws {
        let document: JSONValue
        do { document = try JSONValue(json: bytes, file: path) } catch {
            throw WarrantError(.badData, "\(error)")
        }
        let json = PlacedJSON(document, file: path)
        try json.check(keys: [
            "encoder", "data", "scorers", "thresholders", "ratios", "seeds", "controls",
            "extractor", "human_share", "recipe", "models", "diagnostics",
        ])
        let common = try Common(json, folder: folder)
        self.path = path
        encoderName = try json.member("encoder")?.string()
        encoder = encoderName.map { resolved($0, in: folder) }
        controls = try json.member("controls")?.distinct { try $0.name() } ?? []
        tagging = try Self.tagging(json)
        let places = try json.required("data").elements()
        data = try places.map { try DataSet($0, common: common, folder: folder) }
        for (index, place) in places.enumerated()
        where data[..<index].contains(where: { $0.name == data[index].name }) {
            throw place.error("the name \(data[index].name.debugDescription) is given twice")
        }
    }

    private enum ExtractorName: String, CaseIterable { case saliency, tagger }

    private static func tagging(_ json: PlacedJSON) throws -> TrainingOptions.Tagging? {
        let extractor: ExtractorName = try json.member("extractor")?.name() ?? .saliency
        let share = json.member("human_share")
        let value = try share?.number(in: 0...1) ?? 0
        guard extractor == .tagger else {
            if let share, value > 0 { throw share.error("goes with \"extractor\": \"tagger\"") }
            return nil
        }
        return .init(humanShare: value)
    }
}

/// What data sets have in common where they say nothing of their own.
private struct Common {
    /// Each entry of `thresholders`: a thresholder's settings for each of some ratios.
    let thresholders: [([Double]) throws -> [ThresholderSettings]]
    let scorers: [String]
    let ratios: [Double]
    let seeds: [UInt64]
    var recipe = ExperimentRecipe()
    let diagnostics: DiagnosticGrid

    init(_ json: PlacedJSON, folder: String) throws {
        diagnostics = try DiagnosticGrid(json, common: .none, folder: folder)
        // A file may ask for diagnostics alone.
        let hasDiagnostics = json.member("diagnostics") != nil
        func list(_ key: String) throws -> PlacedJSON? {
            hasDiagnostics ? json.member(key) : try json.required(key)
        }
        scorers = try list("scorers").map(Self.scorers) ?? []
        thresholders = try (list("thresholders")?.elements() ?? []).map { place in
            let make = try Self.thresholder(place)
            return { ratios in
                try make(ratios).map { settings in
                    do { try settings.validateRequest() } catch { throw place.error("\(error)") }
                    return settings
                }
            }
        }
        ratios = try Self.ratios(json) ?? [ThresholderSettings.defaultRatio]
        seeds = try Self.seeds(json) ?? [0]
        if let member = json.member("recipe") { try recipe.read(member) }
    }

    static func scorers(_ json: PlacedJSON) throws -> [String] {
        try json.distinct { place in
            let name = try place.string()
            do { _ = try SaliencyScorers.named(name) } catch { throw place.error("\(error)") }
            return name
        }
    }

    static func ratios(_ json: PlacedJSON) throws -> [Double]? {
        try json.member("ratios")?.distinct { place in
            let ratio = try place.number(in: 0...1)
            guard ratio > 0 else { throw place.error("expected a share of the words, above 0") }
            return ratio
        }
    }

    static func seeds(_ json: PlacedJSON) throws -> [UInt64]? {
        try json.member("seeds")?.distinct { UInt64(try $0.integer(in: 0...(1 << 53))) }
    }

    /// A name, or an object with the keys of `ThresholderSettings`. Where no budget is given and the
    /// thresholder takes a ratio, it is taken with each of the ratios.
    private static func thresholder(
        _ place: PlacedJSON
    ) throws -> ([Double]) -> [ThresholderSettings] {
        let name: ThresholderName
        var words: Int?
        var minimum: Int?
        var (ratio, mass, cutOff): (Double?, Double?, Double?)
        if place.value.object != nil {
            try place.check(keys: [
                "thresholder", "ratio", "words", "mass", "cut_off", "minimum_words",
            ])
            name = try place.required("thresholder").name()
            ratio = try place.member("ratio")?.number()
            words = try place.member("words")?.integer(in: 1...(1 << 30))
            mass = try place.member("mass")?.number()
            cutOff = try place.member("cut_off")?.number()
            minimum = try place.member("minimum_words")?.integer(in: 1...(1 << 30))
        } else {
            name = try place.name()
        }
        let settings = ThresholderSettings(
            name, ratio: ratio, words: words, mass: mass, cutOff: cutOff, minimum: minimum)
        let hasBudget = ratio != nil || words != nil || cutOff != nil
        guard name.options.contains(.ratio), !hasBudget else { return { _ in [settings] } }
        return { ratios in
            ratios.map { ratio in
                var settings = settings
                settings.ratio = ratio
                return settings
            }
        }
    }
}

extension ExperimentFile.DataSet {
    fileprivate init(_ json: PlacedJSON, common: Common, folder: String) throws {
        try json.check(
            keys: [
                "name", "train", "dev", "test", "test_is_dev", "format", "text_column",
                "label_column",
                "query_column", "id_column", "test_text_column", "test_label_column", "delimiter",
                "rationale_unit", "drop_unlabelled", "scorers", "ratios", "seeds", "recipe",
                "models",
                "diagnostics",
            ] + LengthFilter.keys)
        func path(_ key: String) throws -> String? {
            try json.member(key).map { resolved(try $0.string(), in: folder) }
        }
        name = try json.required("name").string()
        train = resolved(try json.required("train").string(), in: folder)
        dev = try path("dev")
        test = try path("test")
        testIsDev = try json.member("test_is_dev")?.boolean() ?? false
        if testIsDev, let test = json.member("test") {
            throw test.error("goes without \"test_is_dev\"; give one of the two")
        }

        var options = DatasetOptions()
        options.requiresLabel = true
        options.format = try json.member("format")?.name()
        options.textColumn = try json.member("text_column").map(column)
        options.labelColumn = try json.member("label_column").map(column)
        options.queryColumn = try json.member("query_column").map(column)
        options.idColumn = try json.member("id_column").map(column)
        options.delimiter = try json.member("delimiter").map { place in
            guard let delimiter = Delimiter(try place.string()) else {
                throw place.error("expected tab, comma, semicolon, pipe or one character")
            }
            return delimiter
        }
        options.rationaleUnit = try json.member("rationale_unit")?.name()
        options.dropsUnlabelled = try json.member("drop_unlabelled")?.boolean() ?? false
        self.options = options
        options.textColumn = try json.member("test_text_column").map(column) ?? options.textColumn
        options.labelColumn =
            try json.member("test_label_column").map(column) ?? options.labelColumn
        testOptions = options

        scorers = try json.member("scorers").map(Common.scorers) ?? common.scorers
        let ratios = try Common.ratios(json) ?? common.ratios
        let thresholders = try common.thresholders.flatMap { try $0(ratios) }
        for (index, settings) in thresholders.enumerated()
        where thresholders[..<index].contains(settings) {
            throw json.error("the thresholder \(settings) is given twice")
        }
        self.thresholders = thresholders
        seeds = try Common.seeds(json) ?? common.seeds
        var recipe = common.recipe
        if let member = json.member("recipe") { try recipe.read(member) }
        self.recipe = recipe
        diagnostics = try DiagnosticGrid(json, common: common.diagnostics, folder: folder)
        lengths = try LengthFilter(json)
    }
}

/// A column by name, or by number from 1.
private func column(_ place: PlacedJSON) throws -> ColumnName {
    if place.value.integer != nil { return .number(try place.integer(in: 1...(1 << 20))) }
    return ColumnName(try place.string())
}

/// A path relative to a folder.
private func resolved(_ path: String, in folder: String) -> String {
    path.hasPrefix("/") ? path : URL(filePath: folder).appendingPathComponent(path).path
}
