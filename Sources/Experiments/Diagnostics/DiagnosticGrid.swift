import AttentionModels
import Diagnose
import Encoders
import Errors
import JSON

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an experiment file asks of models with attention: the models, and the diagnostics that are made of
/// each of them on each data set, with each seed.
///
///     "models": [{"encoder": "lstm", "attention": "tanh", "embeddings": "all-MiniLM-L6-v2"}],
///     "diagnostics": ["correlation", {"diagnostic": "adversary", "distributions": 5}]
package struct DiagnosticGrid: Sendable, Equatable {
    /// A model before its seed is chosen.
    package struct Model: Sendable, Equatable {
        /// How it is trained; its embeddings are those of `embeddings`.
        package var options: AttentionOptions
        /// Where its embeddings come from, as the file says it.
        package var embeddings: String
        /// The folder that paths are relative to.
        package var folder: String
        /// The folder of a rationale model whose support model is measured; nil: a model is trained.
        package var trained: String?

        /// The options with the embeddings' source.
        ///
        /// - Throws: `WarrantError`, `EncoderError` where it is not there.
        package func resolved() throws -> AttentionOptions {
            var options = options
            let path = embeddings.hasPrefix("/") ? embeddings : "\(folder)/\(embeddings)"
            let isPath = embeddings != "random" && FileManager.default.fileExists(atPath: path)
            options.embeddings = try EmbeddingSource(isPath ? path : embeddings)
            return options
        }
    }

    /// A diagnostic with its settings.
    package struct Request: Sendable, Equatable {
        /// The diagnostic's name.
        package var name: String
        /// Its settings.
        package var settings: DiagnosticSettings

        /// The diagnostic.
        ///
        /// - Throws: `WarrantError` where there is none of the name.
        package func diagnostic() throws -> AnyDiagnostic {
            AnyDiagnostic(try DiagnosticRegistry.named(name), settings)
        }
    }

    /// The models.
    package var models: [Model]
    /// The diagnostics.
    package var requests: [Request]

    /// No diagnostics.
    package static let none = DiagnosticGrid(models: [], requests: [])

    /// Reads `models` and `diagnostics` of an experiment file, or of one of its data sets, which may have
    /// others.
    ///
    /// - Parameters:
    ///   - common: what the file says for all data sets.
    ///   - folder: what paths are relative to.
    /// - Throws: `WarrantError` naming the place.
    init(_ json: PlacedJSON, common: DiagnosticGrid, folder: String) throws {
        models =
            try json.member("models").map { place in
                try place.elements().map { try Model($0, folder: folder) }
            } ?? common.models
        requests =
            try json.member("diagnostics").map { place in
                try place.elements().map { element in
                    let (type, settings) = try DiagnosticSettings.read(element)
                    return Request(name: type.entry.name, settings: settings)
                }
            } ?? common.requests
        let needsModel = try requests.contains { try $0.diagnostic().entry.needs != .nothing }
        if needsModel, models.isEmpty, let place = json.member("diagnostics") {
            throw place.error("needs \"models\", a list such as [{\"encoder\": \"lstm\"}]")
        }
    }

    private init(models: [Model], requests: [Request]) {
        self.models = models
        self.requests = requests
    }
}

extension DiagnosticGrid.Model {
    /// The keys of a model's settings.
    private static let keys = [
        "folder", "encoder", "attention", "embeddings", "embedding_size", "hidden_size",
        "minimum_documents", "epochs", "batch_size", "learning_rate", "weight_decay",
    ]

    fileprivate init(_ json: PlacedJSON, folder: String) throws {
        try json.check(keys: Self.keys)
        var options = AttentionOptions()
        if let place = json.member("folder") {
            // What was trained before has its settings.
            try json.check(keys: ["folder"])
            let path = try place.string()
            self.init(
                options: options, embeddings: "random", folder: folder,
                trained: path.hasPrefix("/") ? path : "\(folder)/\(path)")
            return
        }
        if let place = json.member("encoder") {
            options.encoder = try place.string()
            guard WordEncoders.names.contains(options.encoder) else {
                throw place.error(
                    "expected an encoder of words with attention: "
                        + WordEncoders.names.joined(separator: ", "))
            }
        }
        options.attention = try json.member("attention")?.name() ?? options.attention
        options.embeddingSize = try json.member("embedding_size")?.integer(in: 1...16_384)
        if let place = json.member("hidden_size") {
            options.hiddenSize = try place.integer(in: 4...4_096)
            guard options.hiddenSize % 4 == 0 else { throw place.error("expected a multiple of 4") }
        }
        options.minimumDocuments =
            try json.member("minimum_documents")?.integer(in: 1...1_000_000)
            ?? options.minimumDocuments
        options.epochs = try json.member("epochs")?.integer(in: 1...1_000)
        options.batchSize = try json.member("batch_size")?.integer(in: 1...4_096)
        options.learningRate =
            try json.member("learning_rate").map { Float(try $0.number(in: 1e-9...1)) }
            ?? options.learningRate
        options.weightDecay =
            try json.member("weight_decay").map { Float(try $0.number(in: 0...1)) }
            ?? options.weightDecay
        self.init(
            options: options, embeddings: try json.member("embeddings")?.string() ?? "random",
            folder: folder)
    }
}

extension LengthFilter {
    /// The keys of a data set that say which texts models with attention read.
    static let keys = ["minimum_words", "maximum_words", "drop_longest"]

    /// Reads them.
    init(_ json: PlacedJSON) throws {
        self.init()
        minimum = try json.member("minimum_words")?.integer(in: 1...1_000_000) ?? 1
        maximum = try json.member("maximum_words")?.integer(in: minimum...1_000_000)
        dropsLongest = try json.member("drop_longest")?.boolean() ?? false
    }
}
