import Classifiers
import JSON
import Rationales
import Tokenization
import Training

/// The names of an experiment's stages: a digest of everything that a stage's result depends on, and
/// of nothing else. Not among it: names of data sets, paths, and the number of threads. Nor the CPU
/// and its libraries, which change a stage's result by roundings: a model that another machine
/// trained serves here too.
package struct StageKeys: Sendable {
    /// What a stage keeps.
    package enum Kind: String, CaseIterable {
        case support, saliency, classifier, cell

        /// Raised when what the stage computes from the same dependencies changes, for this stage and
        /// for those that follow from it; `StageResultTests` holds results and versions together.
        package var version: Int {
            switch self {
            // 2: head weights, order and dropout are drawn from streams of their own.
            case .support, .classifier: 2
            // 2: words without pieces have no score.
            // 3: scores that are all zero stay so; a tagger's head, order and dropout are drawn from
            //    streams of their own.
            case .saliency: 3
            // 2: attention in bf16 is normalised; gradients explain a document and not its windows.
            // 3: random words, of scorers and controls, are drawn otherwise.
            // 4: words without pieces have no score.
            // 5: as its stages; ties of scores that are all zero are broken where words are selected;
            //    controls are drawn from a stream of their own.
            case .cell: 5
            }
        }
    }

    /// SHA-256 over the encoder's files.
    package var encoder: String
    /// In how long windows documents are read.
    package var window: WindowSize
    /// In how long windows rationales are read.
    package var classifierWindow: WindowSize
    /// How models are trained.
    package var recipe: ExperimentRecipe
    /// The rows.
    package var rows: RowDigests
    /// Decides weights, order and dropout.
    package var seed: UInt64

    /// Names from what all stages depend on.
    package init(
        encoder: String, window: WindowSize, classifierWindow: WindowSize,
        recipe: ExperimentRecipe, rows: RowDigests, seed: UInt64
    ) {
        self.encoder = encoder
        self.window = window
        self.classifierWindow = classifierWindow
        self.recipe = recipe
        self.rows = rows
        self.seed = seed
    }

    /// `support-…`: a model of whole documents.
    package var support: String { name(.support, [("rows", rows.json)]) }

    /// `saliency-…`: a score for each word of each document.
    ///
    /// - Parameters:
    ///   - scorer: who scores.
    ///   - tagger: nil, or a tagger that scores in the scorer's place, after it learned to select what
    ///     a thresholder takes by the scorer's.
    package func saliency(
        scorer: String,
        tagger: (learns: ThresholderSettings, tagging: TrainingOptions.Tagging)? = nil
    ) -> String {
        let marks = rows.rationales.map { JSONText.string($0) }
        return name(
            .saliency,
            [
                ("rows", rows.json), ("scorer", .string(scorer)),
                ("scored_rationales", scorer == "human" ? .array(marks.all) : .null),
                ("tagger", tagger?.learns.json ?? .null),
                ("human_share", tagger.map { .double($0.tagging.humanShare) } ?? .null),
                (
                    "learned_rationales",
                    (tagger?.tagging.humanShare ?? 0) > 0 ? [marks.train, marks.dev] : .null
                ),
            ])
    }

    /// `classifier-…`: a model of rationales. Whoever selects the same words shares it.
    ///
    /// - Parameters:
    ///   - words: what the classifier reads of each document.
    ///   - labels: the classes of the documents.
    package func classifier(_ words: Splits<[RationaleWords]>, labels: Splits<[Int]>) -> String {
        var bytes: [UInt8] = []
        for (words, labels) in words.zip(labels).all {
            for (input, label) in zip(words, labels) {
                JSONText.array([
                    .array(input.words.map { .string($0) }),
                    input.query.map { .string($0) } ?? .null, .integer(label),
                ]).append(to: &bytes)
                bytes.append(UInt8(ascii: "\n"))
            }
            bytes.append(UInt8(ascii: "\n"))
        }
        return name(
            .classifier,
            [
                ("labels", .array(rows.labels.map { .string($0) })),
                ("words", .string(FileDigests.sha256(bytes))),
            ], reading: classifierReading)
    }

    /// `cell-…` of the support model.
    package var supportCell: String { name(.cell, [("rows", rows.json), ("variant", "support")]) }

    /// `cell-…`: the result of a classifier of rationales.
    package func cell(
        scorer: String, _ settings: ThresholderSettings, _ variant: Variant,
        _ tagging: TrainingOptions.Tagging?
    ) -> String {
        // Agreement with humans is measured wherever somebody marked words.
        let measured = rows.hasTest ? rows.rationales.test : rows.rationales.dev
        let learned = scorer == "human" || (tagging?.humanShare ?? 0) > 0
        // Said only where it is another: a cell's name is otherwise that of before there was a choice.
        let classifier: [(key: String, value: JSONText)] =
            JSONText.object(classifierReading).write() == JSONText.object(reading).write()
            ? [] : [("classifier", .object(classifierReading))]
        return name(
            .cell,
            classifier + [
                ("rows", rows.json), ("variant", .string(variant.name)),
                ("scorer", .string(scorer)), ("thresholder", settings.json),
                ("human_share", tagging.map { .double($0.humanShare) } ?? .null),
                ("measured_rationales", .string(measured)),
                (
                    "learned_rationales",
                    learned
                        ? [.string(rows.rationales.train), .string(rows.rationales.dev)] : .null
                ),
            ])
    }

    /// How documents are read, and how their models are trained.
    private var reading: Members { Self.members(window, recipe.support) }
    /// How rationales are read, and how their classifiers are trained.
    private var classifierReading: Members { Self.members(classifierWindow, recipe.classifier) }

    private typealias Members = [(key: String, value: JSONText)]

    private static func members(_ window: WindowSize, _ recipe: TrainingRecipe) -> Members {
        let members: Members = [
            ("maximum_length", .integer(window.length)),
            ("stride", window.stride.map { .integer($0) } ?? .null),
            ("epochs", .integer(recipe.epochs)), ("batch_size", .integer(recipe.batchSize)),
            ("learning_rate", .float(recipe.learningRate)),
            ("weight_decay", .float(recipe.weightDecay)), ("warmup", .double(recipe.warmup)),
        ]
        // Said only where there are some, so that names from before there was a choice stay.
        guard recipe.classWeights != .none else { return members }
        return members + [("class_weights", .string(recipe.classWeights.rawValue))]
    }

    /// - Parameter members: how the stage's model reads and is trained; nil: as of documents.
    private func name(
        _ kind: Kind, _ dependencies: Members, reading members: Members? = nil
    ) -> String {
        let head: Members = [
            ("format", .integer(kind.version)), ("kind", .string(kind.rawValue)),
            ("encoder", .string(encoder)),
        ]
        let tail: Members = [
            ("precision", .string(recipe.resolvedPrecision.rawValue)), ("seed", .string("\(seed)")),
        ]
        // Said only where it is another; rationales, which a classifier reads, differ themselves.
        let words: Members =
            recipe.words == .whitespace || kind == .classifier
            ? [] : [("word_rule", .string(recipe.words.rawValue))]
        var bytes: [UInt8] = []
        JSONText.object(head + (members ?? reading) + tail + words + dependencies)
            .append(to: &bytes)
        return "\(kind.rawValue)-\(FileDigests.sha256(bytes).prefix(16))"
    }
}

extension ThresholderSettings {
    /// What is set, under the keys that files have for it.
    package var json: JSONText {
        let settings: [(key: String, value: JSONText?)] = [
            ("thresholder", .string(name.rawValue)), ("ratio", ratio.map { .double($0) }),
            ("words", words.map { .integer($0) }), ("mass", mass.map { .double($0) }),
            ("cut_off", cutOff.map { .double($0) }),
            ("minimum_words", minimum.map { .integer($0) }),
        ]
        return .object(settings.compactMap { key, value in value.map { (key: key, value: $0) } })
    }
}
