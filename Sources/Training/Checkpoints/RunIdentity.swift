import Classifiers
import Datasets
import Encoders
import Errors
import Files
import JSON
import Models
import Rationales
import Tensors

/// Everything that the bytes of a trained model depend on, part by part: two runs with equal parts end
/// in the same bytes. How many threads work is no part of it, nor is a path.
package struct RunIdentity: Sendable, Equatable {
    /// Raised when what training computes from the same parts changes, as the versions of an
    /// experiment's stages are; `StageResultTests` holds results and versions together.
    package static let computation = 1

    /// Something that a user can find: an option, a file's rows, a version.
    package struct Part: Sendable, Equatable {
        /// What it is, such as `--epochs`.
        package let name: String
        /// Its value as text, or a digest of it.
        package let value: String
        /// Whether the value says something to people.
        let isShown: Bool
    }

    /// The parts; names differ.
    package private(set) var parts: [Part] = []

    /// SHA-256 over all parts.
    package var digest: String {
        let pairs = parts.map { JSONText.array([.string($0.name), .string($0.value)]) }
        return FileDigests.sha256(Array(JSONText.array(pairs).write().utf8))
    }

    /// The identity of a run.
    ///
    /// - Parameters:
    ///   - names: what the model card calls the sets of rows.
    ///   - encoder: a digest of all that new models depend on, besides labels and seed.
    ///   - words: how an encoder of words is made; nil: it is none.
    ///   - seeds: one for each model that is trained.
    package init(
        data: TrainingData, names: [String], encoder: String, encoderName: String,
        words: TrainingRecord.WordModel? = nil, options: TrainingOptions, seeds: [UInt64]
    ) {
        addVersions()
        add("the encoder's name", encoderName)
        if let words {
            add("--attention", words.attention)
            add("--embeddings", words.embeddings)
            add("--embedding-size", "\(words.embeddingSize)")
            add("--hidden-size", "\(words.hiddenSize)")
            add("--minimum-documents", "\(words.minimumDocuments)")
        }
        add("the encoder", digest: encoder)
        add("the names of the data", names.joined(separator: ", "))
        add("the labels", data.labels.joined(separator: ", "))
        for (name, rows) in [("train", data.train), ("dev", data.dev), ("test", data.test)] {
            add("the rows of \(name)", digest: Self.digest(of: rows))
        }
        add("--seed or --seeds", seeds.map { "\($0)" }.joined(separator: ","))
        add(options.recipe, prefix: "--")
        add(options.classifierRecipe ?? options.recipe, prefix: "--classifier-")
        add("--precision", options.precision.rawValue)
        add("--weights", options.weightFormat.rawValue)
        add("--scorer", options.scorer)
        add("the thresholder", options.selection.description)
        add("the rule of words", options.words.rawValue)
        add("--extractor", options.tagging == nil ? "saliency" : "tagger")
        add("--human-share", "\(options.tagging?.humanShare ?? 0)")
        add("--controls", options.controls.map(\.rawValue).joined(separator: ", "))
    }

    /// The identity of one stage's training.
    package init(_ stage: StageKey) {
        addVersions()
        add("the stage", stage.name)
    }

    private mutating func addVersions() {
        add("the version of warrant", "\(warrantVersion), training \(Self.computation)")
        add("the engine", Engine.description)
    }

    private mutating func add(_ name: String, _ value: String) {
        parts.append(Part(name: name, value: value, isShown: true))
    }

    private mutating func add(_ name: String, digest: String) {
        parts.append(Part(name: name, value: digest, isShown: false))
    }

    private mutating func add(_ recipe: TrainingRecipe, prefix: String) {
        add(prefix + "epochs", "\(recipe.epochs)")
        add(prefix + "batch-size", "\(recipe.batchSize)")
        add(prefix + "learning-rate", "\(recipe.learningRate)")
        add(prefix + "weight-decay", "\(recipe.weightDecay)")
        add(prefix + "warmup", "\(recipe.warmup)")
        add(prefix + "class-weights", recipe.classWeights.rawValue)
        add(prefix + "maximum-length", recipe.maximumLength.map { "\($0)" } ?? "the encoder's")
        add(prefix + "stride", recipe.stride.map { "\($0)" } ?? "the usual one")
    }

    /// SHA-256 over what is learned from rows, or measured on them.
    private static func digest(of rows: [Example]) -> String {
        func ranges(_ ranges: [Range<Int>]?) -> JSONText {
            ranges.map {
                .array($0.map { [.integer($0.lowerBound), .integer($0.upperBound)] })
            } ?? .null
        }
        // In parts, so that the data do not lie in memory twice.
        var digests = "\(rows.count)"
        for start in stride(from: 0, to: rows.count, by: 1_024) {
            var bytes: [UInt8] = []
            for row in rows[start..<min(rows.count, start + 1_024)] {
                JSONText.array([
                    .string(row.text), row.query.map { .string($0) } ?? .null,
                    row.label.map { .string($0) } ?? .null, ranges(row.rationale),
                    ranges(row.marks),
                ]).append(to: &bytes)
                bytes.append(UInt8(ascii: "\n"))
            }
            digests += " " + FileDigests.sha256(bytes)
        }
        return FileDigests.sha256(Array(digests.utf8))
    }

    /// What differs in another run, a phrase for each part: `--epochs is 3 here and 5 there`.
    ///
    /// - Parameter other: the parts of the other run by name.
    func differences(from other: [String: String]) -> [String] {
        let names = Set(parts.map(\.name))
        let differing = parts.filter { other[$0.name] != $0.value }.map { part in
            guard part.isShown, let value = other[part.name] else { return "\(part.name) differ" }
            return "\(part.name) is \(quoted(part.value)) here and \(quoted(value)) there"
        }
        return differing
            + other.keys.filter { !names.contains($0) }.sorted().map {
                "\(quoted($0)) is unknown here"
            }
    }
}
