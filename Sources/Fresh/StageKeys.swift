import Classifiers
import JSON
import Models
import Rationales
import Tensors
import Tokenization
import Training

/// The keys of a run's stages, from what all of them depend on.
package struct StageKeys: Sendable {
    /// SHA-256 over the encoder's files.
    package var encoder: String
    /// In how long chunks documents are read.
    package var chunk: ChunkSize
    /// In how long chunks rationales are read.
    package var classifierChunk: ChunkSize
    /// How models are trained; of it the keys have what the stage depends on.
    package var options: TrainingOptions
    /// The rows.
    package var rows: RowDigests

    /// Keys from what all stages depend on.
    package init(
        encoder: String, chunk: ChunkSize, classifierChunk: ChunkSize,
        options: TrainingOptions, rows: RowDigests
    ) {
        self.encoder = encoder
        self.chunk = chunk
        self.classifierChunk = classifierChunk
        self.options = options
        self.rows = rows
    }

    /// `documents-…`: the rows as the models of all seeds read them.
    ///
    /// - Parameter name: what people call the rows: the same under another name are read again, and
    ///   reported.
    package func documents(named name: String) -> StageKey {
        StageKey(
            DocumentsStage.kind,
            [
                ("encoder", .string(encoder)), ("name", .string(name)), ("rows", rows.json),
                ("rationales", .array(rows.rationales.all.map { .string($0) })),
                ("reading", .object(reading)), ("classifier", .object(classifierReading)),
                ("precision", .string(options.precision.rawValue)),
                ("word_rule", .string(options.words.rawValue)),
            ])
    }

    /// `support-…`: a model of whole documents.
    package var support: StageKey { key(SupportStage.kind, [("rows", rows.json)]) }

    /// `saliency-…`: a score for each word of each document.
    ///
    /// - Parameters:
    ///   - scorer: who scores.
    ///   - tagger: nil, or a tagger that scores in the scorer's place, after it learned to select what
    ///     a thresholder takes by the scorer's.
    package func saliency(
        scorer: String,
        tagger: (learns: ThresholderSettings, tagging: TrainingOptions.Tagging)? = nil
    ) -> StageKey {
        key(SaliencyStage.kind, scores(scorer, tagger))
    }

    /// `tagger-…`: a tagger that learns to select what a thresholder takes by a scorer's scores.
    package func tagger(
        scorer: String, learns: ThresholderSettings, tagging: TrainingOptions.Tagging
    ) -> StageKey {
        key(TaggerStage.kind, scores(scorer, (learns, tagging)))
    }

    /// What scores, or the tagger that gives them, depend on.
    private func scores(
        _ scorer: String, _ tagger: (learns: ThresholderSettings, tagging: TrainingOptions.Tagging)?
    ) -> StageKey.Dependencies {
        let marks = rows.rationales.map { JSONText.string($0) }
        return [
            ("rows", rows.json), ("scorer", .string(scorer)),
            ("scored_rationales", scorer == "human" ? .array(marks.all) : .null),
            ("tagger", tagger?.learns.json ?? .null),
            ("human_share", tagger.map { .double($0.tagging.humanShare) } ?? .null),
            (
                "learned_rationales",
                (tagger?.tagging.humanShare ?? 0) > 0 ? [marks.train, marks.dev] : .null
            ),
        ]
    }

    /// `classifier-…`: a model of rationales. Whoever selects the same words shares it.
    ///
    /// - Parameters:
    ///   - words: what the classifier reads of each document.
    ///   - labels: the classes of the documents.
    package func classifier(_ words: Splits<[RationaleWords]>, labels: Splits<[Int]>) -> StageKey {
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
        return key(
            ClassifierStage.kind,
            [
                ("labels", .array(rows.labels.map { .string($0) })),
                ("words", .string(FileDigests.sha256(bytes))),
            ], reading: classifierReading)
    }

    /// How documents are read, and how their models are trained.
    package var reading: StageKey.Dependencies { Self.members(chunk, options.recipe) }
    /// How rationales are read, and how their classifiers are trained.
    package var classifierReading: StageKey.Dependencies {
        Self.members(classifierChunk, options.classifierRecipe ?? options.recipe)
    }

    private static func members(
        _ chunk: ChunkSize, _ recipe: TrainingRecipe
    ) -> StageKey.Dependencies {
        let members: StageKey.Dependencies = [
            ("maximum_length", .integer(chunk.length)),
            ("stride", chunk.stride.map { .integer($0) } ?? .null),
            ("epochs", .integer(recipe.epochs)), ("batch_size", .integer(recipe.batchSize)),
            ("learning_rate", .float(recipe.learningRate)),
            ("weight_decay", .float(recipe.weightDecay)), ("warmup", .double(recipe.warmup)),
        ]
        // Said only where there are some, so that names from before there was a choice stay.
        guard recipe.classWeights != .none else { return members }
        return members + [("class_weights", .string(recipe.classWeights.rawValue))]
    }

    /// A stage's key, from what all stages depend on and what it depends on besides.
    ///
    /// - Parameter members: how the stage's model reads and is trained; nil: as of documents.
    package func key(
        _ kind: StageKind, _ dependencies: StageKey.Dependencies,
        reading members: StageKey.Dependencies? = nil
    ) -> StageKey {
        let tail: StageKey.Dependencies = [
            ("precision", .string(options.precision.rawValue)),
            ("seed", .string("\(options.seed)")),
        ]
        // Said only where it is another; rationales, which a classifier reads, differ themselves.
        let words: StageKey.Dependencies =
            options.words == .whitespace || kind == ClassifierStage.kind
            ? [] : [("word_rule", .string(options.words.rawValue))]
        let weights: StageKey.Dependencies =
            options.weightFormat == .f32
            ? [] : [("weights", .string(options.weightFormat.rawValue))]
        return StageKey(
            kind,
            [("encoder", .string(encoder))] + (members ?? reading) + tail + words + weights
                + dependencies)
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
