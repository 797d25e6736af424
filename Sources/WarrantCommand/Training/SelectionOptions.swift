import ArgumentParser
import Warrant

/// Who selects words, and how many.
struct SelectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What scores words, with its settings after a colon: "
                + SaliencyScorers.names.joined(separator: ", ") + "; see below.",
            valueName: "name"))
    var scorer = TrainingOptions().scorer

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
            "The number of words that a rationale keeps, instead of --ratio.", valueName: "n"))
    var words: Int?

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
        do { _ = try SaliencyScorers.named(scorer) } catch {
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
            thresholder, ratio: ratio, words: words, mass: mass, cutOff: cutOff,
            minimum: minimumWords)
    }

    /// How a tagger is trained; nil: none is.
    var tagging: TrainingOptions.Tagging? {
        extractor == .tagger ? .init(humanShare: humanShare ?? 0) : nil
    }
}

/// Who selects words when a text is classified.
enum ExtractorKind: String, ExpressibleByArgument, CaseIterable {
    case saliency, tagger
}

extension ThresholderName: ExpressibleByArgument {}
