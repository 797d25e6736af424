import ArgumentParser
import Diagnose
import Warrant

/// The settings of `correlation`.
struct CorrelationArguments: DiagnosticArguments {
    @Flag(
        help: ArgumentHelp(
            "Let gradients flow through the attention's own computation too; by default the attention "
                + "is held constant."))
    var throughAttention = false

    var settings: DiagnosticSettings {
        var settings = DiagnosticSettings()
        settings.throughAttention = throughAttention
        return settings
    }

    static let examples = [
        "warrant diagnose correlation --train train.jsonl --dev dev.jsonl \\",
        "  --test test.jsonl --embeddings all-MiniLM-L6-v2 --output attention",
        "warrant diagnose correlation --encoder average --attention dot \\",
        "  --train train.tsv --embeddings vectors.txt --output attention",
    ]
}

/// The settings of `permutation`.
struct PermutationArguments: DiagnosticArguments {
    @Option(help: ArgumentHelp("How often each text's weights are permuted.", valueName: "n"))
    var permutations = DiagnosticSettings().permutations

    var settings: DiagnosticSettings {
        var settings = DiagnosticSettings()
        settings.permutations = permutations
        return settings
    }

    func validate() throws {
        try check(permutations, in: DiagnosticSettings.Limits.permutations, "--permutations")
    }

    static let examples = [
        "warrant diagnose permutation --train train.jsonl --test test.jsonl \\",
        "  --output shuffled",
    ]
}

/// The settings of `adversary`.
struct AdversaryArguments: DiagnosticArguments {
    @Option(
        help: ArgumentHelp("How many other distributions are sought for a text.", valueName: "k"))
    var distributions = DiagnosticSettings().distributions

    @Option(help: ArgumentHelp("Steps of the search; 500 by default.", valueName: "n"))
    var steps: Int?

    var settings: DiagnosticSettings {
        var settings = DiagnosticSettings()
        settings.distributions = distributions
        settings.steps = steps
        return settings
    }

    func validate() throws {
        try check(distributions, in: DiagnosticSettings.Limits.distributions, "--distributions")
        if let steps { try check(steps, in: DiagnosticSettings.Limits.steps, "--steps") }
    }

    static let examples = [
        "warrant diagnose adversary --train train.jsonl --test test.jsonl \\",
        "  --output adversary",
    ]
}

/// The settings of `erasure`.
struct ErasureArguments: DiagnosticArguments {
    @Option(
        help: ArgumentHelp("How many random orders each text is erased in.", valueName: "n"))
    var orders = DiagnosticSettings().orders

    var settings: DiagnosticSettings {
        var settings = DiagnosticSettings()
        settings.orders = orders
        return settings
    }

    func validate() throws {
        try check(orders, in: DiagnosticSettings.Limits.orders, "--orders")
    }

    static let examples = [
        "warrant diagnose erasure --train train.jsonl --test test.jsonl \\",
        "  --output erasure",
    ]
}

/// Reads numbers between commas.
private func list<Number: LosslessStringConvertible & Hashable>(
    _ argument: String, _ what: String
) throws -> [Number] {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map {
        Number(String($0))
    }
    let known = numbers.compactMap { $0 }
    guard known.count == numbers.count else { throw ValidationError("expected \(what)") }
    var seen = Set<Number>()
    if let twice = known.first(where: { !seen.insert($0).inserted }) {
        throw ValidationError("\(twice) is given twice; expected \(what), each once")
    }
    return known
}

private func seedList(_ argument: String) throws -> [UInt64] {
    try list(argument, "whole numbers of 0 or more between commas, such as 0,1,2")
}

private func lambdaList(_ argument: String) throws -> [Double] {
    let lambdas: [Double] = try list(
        argument, "numbers of 0 or more between commas, such as 0,1e-3")
    guard lambdas.allSatisfy(DiagnosticSettings.Limits.lambda.contains) else {
        throw ValidationError("expected numbers of 0 to 1,000 between commas, such as 0,1e-3")
    }
    return lambdas
}

/// The settings of `uniform`.
struct UniformArguments: DiagnosticArguments {
    @Option(
        help: ArgumentHelp(
            "Seeds of which each trains both models, such as 0,1,2; that of --seed by default.",
            valueName: "n,n…"), transform: seedList)
    var seeds: [UInt64]?

    var settings: DiagnosticSettings {
        var settings = DiagnosticSettings()
        settings.seeds = seeds
        return settings
    }

    static let examples = [
        "warrant diagnose uniform --seeds 0,1,2 --train train.jsonl \\",
        "  --test test.jsonl --output uniform",
    ]
}

/// The settings of `seeds`.
struct SeedsArguments: DiagnosticArguments {
    @Option(
        help: ArgumentHelp(
            "Seeds of the other models, such as 1,2,3; the eight of the paper by default.",
            valueName: "n,n…"), transform: seedList)
    var seeds: [UInt64]?

    var settings: DiagnosticSettings {
        var settings = DiagnosticSettings()
        settings.seeds = seeds
        return settings
    }

    static let examples = [
        "warrant diagnose seeds --seeds 1,2,3 --train train.jsonl \\",
        "  --test test.jsonl --output seeds",
    ]
}

/// How adversarial models are trained.
struct AdversarialTrainingArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp("Passes of adversarial training at most.", valueName: "n"))
    var adversaryEpochs = DiagnosticSettings().adversaryEpochs

    @Option(
        help: ArgumentHelp(
            "Passes without a lower loss after which adversarial training ends.", valueName: "n"))
    var patience = DiagnosticSettings().patience

    func validate() throws {
        try check(adversaryEpochs, in: DiagnosticSettings.Limits.epochs, "--adversary-epochs")
        try check(patience, in: DiagnosticSettings.Limits.epochs, "--patience")
    }

    /// Settings with these.
    var settings: DiagnosticSettings {
        var settings = DiagnosticSettings()
        (settings.adversaryEpochs, settings.patience) = (adversaryEpochs, patience)
        return settings
    }
}

/// The settings of `guide`.
struct GuideArguments: DiagnosticArguments {
    @Option(
        help: ArgumentHelp(
            "How much the adversary's divergence counts, one adversary for each; .005 by default.",
            valueName: "x,x…"), transform: lambdaList)
    var lambdas: [Double]?

    @OptionGroup var training: AdversarialTrainingArguments

    var settings: DiagnosticSettings {
        var settings = training.settings
        settings.lambdas = lambdas
        return settings
    }

    static let examples = [
        "warrant diagnose guide --train train.jsonl --test test.jsonl --output guide"
    ]
}

/// The settings of `divergence`.
struct DivergenceArguments: DiagnosticArguments {
    @Option(
        help: ArgumentHelp(
            "How much the divergence of attention counts, one adversary for each; "
                + "0,.0001,.0002,.0005,.001,.002,.005,.01 by default.",
            valueName: "x,x…"), transform: lambdaList)
    var lambdas: [Double]?

    @Option(
        help: ArgumentHelp(
            "Seeds of the models that show what chance does; 50,257 by default.",
            valueName: "n,n…"), transform: seedList)
    var seeds: [UInt64]?

    @OptionGroup var training: AdversarialTrainingArguments

    var settings: DiagnosticSettings {
        var settings = training.settings
        (settings.lambdas, settings.seeds) = (lambdas, seeds)
        return settings
    }

    static let examples = [
        "warrant diagnose divergence --lambdas 0,1e-3,5e-3 --train train.jsonl \\",
        "  --test test.jsonl --output divergence",
    ]
}

/// The settings of `relevance`.
struct RelevanceArguments: DiagnosticArguments {
    @Option(
        help: ArgumentHelp(
            "Seeds of the runs, the first of which is run A; 20,13,14,15,16,17 by default.",
            valueName: "n,n…"), transform: seedList)
    var seeds: [UInt64]?

    @Option(help: ArgumentHelp("Steps of each run; 4,000 by default.", valueName: "n"))
    var steps: Int?

    var settings: DiagnosticSettings {
        var settings = DiagnosticSettings()
        (settings.seeds, settings.steps) = (seeds, steps)
        return settings
    }

    func validate() throws {
        if let steps { try check(steps, in: DiagnosticSettings.Limits.steps, "--steps") }
        guard (seeds?.count ?? 2) > 1 else {
            throw ValidationError("--seeds needs two seeds at least: run A and one to compare with")
        }
    }

    static let examples = [
        "warrant diagnose relevance --train train.jsonl --test test.jsonl \\",
        "  --output relevance",
    ]
}

/// The settings of `copying`.
struct CopyingArguments: DiagnosticArguments {
    @Option(
        help: ArgumentHelp(
            "Seeds of the models of each kind of text; 0 to 19 by default.", valueName: "n,n…"),
        transform: seedList)
    var seeds: [UInt64]?

    @Option(help: ArgumentHelp("Steps of each training; 200 by default.", valueName: "n"))
    var steps: Int?

    @Option(help: ArgumentHelp("Texts in a step; 128 by default.", valueName: "n"))
    var batch: Int?

    var settings: DiagnosticSettings {
        var settings = DiagnosticSettings()
        (settings.seeds, settings.steps, settings.batch) = (seeds, steps, batch)
        return settings
    }

    func validate() throws {
        if let steps { try check(steps, in: DiagnosticSettings.Limits.steps, "--steps") }
        if let batch { try check(batch, in: DiagnosticSettings.Limits.batch, "--batch") }
    }

    static let examples = ["warrant diagnose copying --seeds 0,1,2 --output copying"]
}
