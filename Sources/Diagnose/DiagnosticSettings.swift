import Errors
import JSON

/// A setting of diagnostics, by the name of its option and of its key in an experiment file (with `_`).
package enum DiagnosticSetting: String, CaseIterable, Sendable {
    case throughAttention = "through-attention"
    case permutations
    case distributions
    case steps
    case orders
    case seeds
    case lambdas
    case adversaryEpochs = "adversary-epochs"
    case patience
    case batch

    /// The key in an experiment file.
    package var key: String { rawValue.replacing("-", with: "_") }
}

/// The settings of all diagnostics; each reads those that its entry names. The defaults are the papers'.
package struct DiagnosticSettings: Sendable, Equatable {
    /// Whether gradients flow through the attention's own computation.
    package var throughAttention = false
    /// How often the weights of a text are permuted.
    package var permutations = 100
    /// How many adversarial distributions are sought for a text.
    package var distributions = 5
    /// Steps of a search or a training; nil: as published.
    package var steps: Int?
    /// How many random orders words are erased in.
    package var orders = 5
    /// The seeds of further models, or of runs; nil: those that were published.
    package var seeds: [UInt64]?
    /// How much an adversary's divergence counts beside its predictions, a model for each; nil: those of
    /// the diagnostic.
    package var lambdas: [Double]?
    /// Passes of adversarial training at most.
    package var adversaryEpochs = 80
    /// After how many passes without a lower loss adversarial training ends.
    package var patience = 10
    /// Texts in a step; nil: as published.
    package var batch: Int?

    /// The published settings.
    package init() {}

    /// The settings of an experiment file's entry: `"correlation"`, or an object with the name as
    /// `"diagnostic"` and its settings.
    ///
    /// - Throws: `WarrantError` naming the place, for a setting that this diagnostic does not read too.
    package static func read(
        _ json: PlacedJSON
    ) throws -> (type: any Diagnostic.Type, settings: DiagnosticSettings) {
        func named(_ place: PlacedJSON) throws -> any Diagnostic.Type {
            let name = try place.string()
            do { return try DiagnosticRegistry.named(name) } catch let error as WarrantError {
                throw place.error(error.description)
            }
        }
        guard json.value.object != nil else { return (try named(json), DiagnosticSettings()) }
        let type = try named(json.required("diagnostic"))
        try json.check(keys: ["diagnostic"] + type.entry.settings.map(\.key))
        var settings = DiagnosticSettings()
        for setting in type.entry.settings {
            guard let member = json.member(setting.key) else { continue }
            try settings.set(setting, member)
        }
        return (type, settings)
    }

    private mutating func set(_ setting: DiagnosticSetting, _ json: PlacedJSON) throws {
        switch setting {
        case .throughAttention: throughAttention = try json.boolean()
        case .permutations: permutations = try json.integer(in: Limits.permutations)
        case .distributions: distributions = try json.integer(in: Limits.distributions)
        case .steps: steps = try json.integer(in: Limits.steps)
        case .orders: orders = try json.integer(in: Limits.orders)
        case .seeds:
            seeds = try json.distinct { UInt64(try $0.integer(in: 0...Int.max)) }
        case .lambdas: lambdas = try json.distinct { try $0.number(in: Limits.lambda) }
        case .adversaryEpochs: adversaryEpochs = try json.integer(in: Limits.epochs)
        case .patience: patience = try json.integer(in: Limits.epochs)
        case .batch: batch = try json.integer(in: Limits.batch)
        }
    }

    /// The values that options and files may set.
    package enum Limits {
        package static let permutations = 1...100_000
        package static let distributions = 1...64
        package static let steps = 1...1_000_000
        package static let orders = 1...1_000
        package static let lambda = 0.0...1_000
        package static let epochs = 1...1_000
        package static let batch = 1...4_096
    }
}
