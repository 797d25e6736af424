import ArgumentParser
import Warrant

/// What selects words, and how many.
struct SelectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What scores words, with its settings after a colon: "
                + SaliencyScorers.names.joined(separator: ", ") + "; see below. "
                + "\(TrainingOptions().scorer) by default, attention for an encoder of words.",
            valueName: "name"))
    var scorer: String?

    @Option(
        help: ArgumentHelp(
            "What selects words by their scores: "
                + ThresholderName.allCases.map(\.rawValue).joined(separator: ", ") + ".",
            valueName: "name"))
    var thresholder = TrainingOptions().selection.name

    @Option(
        help: ArgumentHelp(
            "The share of words that a rationale keeps; of all documents together for the global "
                + "thresholders. \(ThresholderSettings.defaultRatio) by default.",
            valueName: "share"))
    var ratio: Double?

    @Option(
        help: ArgumentHelp(
            "A number: how many words a rationale keeps, instead of --ratio. Or what counts as a word: "
                + "whitespace (the default), what stands between white space; unicode, for texts "
                + "without spaces, a run of letters and digits, a CJK character, or one character of "
                + "another script without spaces or of punctuation. May be given for each.",
            valueName: "n|rule"))
    var words: [WordsArgument] = []

    @Option(
        help: ArgumentHelp("For top-p: the share of the saliency to keep.", valueName: "share"))
    var mass: Double?

    @Option(
        help: ArgumentHelp(
            "For threshold: the lowest score to keep; a document's scores add up to 1. For the global "
                + "thresholders, instead of --ratio: the multiple of a document's mean score that a word "
                + "must exceed (global-top-k) or pay for (global-contiguous).",
            valueName: "score"))
    var cutOff: Double?

    @Option(
        help: ArgumentHelp(
            "For the global thresholders: the fewest words of a document; 1 by default.",
            valueName: "n"))
    var minimumWords: Int?

    @Option(
        help: ArgumentHelp(
            "Who selects when a text is classified: scorer and thresholder themselves (saliency), or "
                + "a tagger that is trained to select the same words (tagger).", valueName: "name"))
    var extractor = ExtractorKind.saliency

    @Option(
        help: ArgumentHelp(
            "For a tagger: the share of training documents that learn their human rationales instead.",
            valueName: "share"))
    var humanShare: Double?

    func validate() throws {
        guard words.count(where: { $0.count != nil }) <= 1,
            words.count(where: { $0.rule != nil }) <= 1
        else {
            throw ValidationError("--words has two numbers or two rules: give one of each at most")
        }
        do { _ = try scorer.map { try SaliencyScorers.named($0) } } catch {
            throw ValidationError("--scorer: \(error)")
        }
        do { try settings.validateRequest() } catch { throw ValidationError("\(error)") }
        if let humanShare {
            try check(humanShare, in: 0...1, "--human-share")
            guard extractor == .tagger else {
                throw ValidationError("--human-share goes with --extractor tagger")
            }
        }
    }

    /// The thresholder with its settings.
    var settings: ThresholderSettings {
        ThresholderSettings(
            thresholder, ratio: ratio, words: words.compactMap(\.count).first, mass: mass,
            cutOff: cutOff, minimum: minimumWords)
    }

    /// What counts as a word of a text.
    var wordRule: WordRule { words.compactMap(\.rule).first ?? .whitespace }

    /// How a tagger is trained; nil: none is.
    var tagging: TrainingOptions.Tagging? {
        extractor == .tagger ? .init(humanShare: humanShare ?? 0) : nil
    }
}

/// A number of words, or what counts as one.
struct WordsArgument: ExpressibleByArgument {
    let count: Int?
    let rule: WordRule?

    init?(argument: String) {
        count = Int(argument)
        rule = WordRule(rawValue: argument)
        if count == nil, rule == nil { return nil }
    }
}

/// What selects words when a text is classified.
enum ExtractorKind: String, ExpressibleByArgument, CaseIterable {
    case saliency, tagger
}

extension ThresholderName: ExpressibleByArgument {}
