import Foundation
import Randomness
import TestSupport
import Testing
import Warrant

/// The guarantee as a property: with the selection held fixed, no unselected text has any part in
/// the prediction. Models are random, for it must hold for every model.
@Suite struct GuaranteeTests {
    /// Short, so that most documents, and some rationales, are read in several chunks.
    private static let chunk = ChunkSize(length: 48, stride: 30)
    private let tokenizer: any Tokenizer
    private var support: any TextClassifier
    private var classifier: RationaleClassifier
    private let tagger: TokenTagger
    private let identity: ClassifierIdentity

    init() throws {
        let vocabulary = Letters.vocabulary
        tokenizer = try Letters.tokenizer()
        support = Self.model(seed: 1, vocabularySize: vocabulary.count)
        classifier = RationaleClassifier(
            model: Self.model(seed: 2, vocabularySize: vocabulary.count), tokenizer: tokenizer,
            chunk: Self.chunk)
        identity = ClassifierIdentity(
            files: ["config.json": String(repeating: "a", count: 64)],
            reading: try ClassifierReading(
                chunks: Self.chunk, tokenizer: tokenizer, hasQuery: false))
        tagger = Self.tagger(vocabularySize: vocabulary.count)
    }

    private static func model(seed: UInt64, vocabularySize: Int) -> SequenceClassifier {
        let configuration = EncoderConfiguration(
            hiddenSize: 32, layers: 2, heads: 2, intermediateSize: 64,
            vocabularySize: vocabularySize, maximumLength: chunk.length)
        return SequenceClassifier(configuration, labels: ["negative", "positive"]).randomized(
            seed: seed, range: 0.3)
    }

    /// A classifier with attention over words, whose words are the pieces here.
    private static func wordModel(
        seed: UInt64, _ encoder: any WordEncoder.Type, readsPairs: Bool, vocabularySize: Int
    ) -> WordClassifier {
        let model = AttentionClassifier(
            AttentionConfiguration(
                encoder: encoder, attention: .additive,
                shape: WordEncoderShape(
                    vocabularySize: vocabularySize, embeddingSize: 12, hiddenSize: 16),
                labels: ["negative", "positive"], readsPairs: readsPairs))
        model.initialize(seed: seed)
        return WordClassifier(model)
    }

    private static func tagger(vocabularySize: Int) -> TokenTagger {
        let configuration = EncoderConfiguration(
            hiddenSize: 32, layers: 2, heads: 2, intermediateSize: 64,
            vocabularySize: vocabularySize, maximumLength: chunk.length)
        return TokenTagger(configuration).randomized(seed: 3, range: 0.3)
    }

    private static func word(_ generator: inout SeededGenerator) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        return String(
            (0..<Int.random(in: 1...7, using: &generator)).map { _ in
                letters[Int.random(in: 0..<letters.count, using: &generator)]
            })
    }

    private static func words(_ count: Int, _ generator: inout SeededGenerator) -> [String] {
        (0..<count).map { _ in word(&generator) }
    }

    /// A text of words that touch each other: letters, CJK and Thai characters, marks.
    private static func unspacedText(
        _ count: Int, _ generator: inout SeededGenerator
    ) -> String {
        let others = ["好", "很", "น่", "า", "，", "!", "👍🏿"]
        return (0..<count).map { number in
            number % 3 == 0
                ? word(&generator)
                : others[Int.random(in: 0..<others.count, using: &generator)]
        }.joined()
    }

    private static func joined(_ words: [String], _ generator: inout SeededGenerator) -> String {
        let spaces = [" ", " ", " ", "  ", "\n", "\t ", "\u{3000}"]
        return words.map {
            $0 + spaces[Int.random(in: 0..<spaces.count, using: &generator)]
        }.joined()
    }

    /// Another text with the same selected words: before, between and after them stand none to
    /// three random others.
    private static func altered(
        _ rationale: Rationale, words rule: WordRule = .whitespace,
        _ generator: inout SeededGenerator
    ) -> (text: String, rationale: Rationale) {
        var words: [String] = []
        var selection: [Int] = []
        for selected in rationale.words {
            words += Self.words(Int.random(in: 0...3, using: &generator), &generator)
            selection.append(words.count)
            words.append(selected)
        }
        words += Self.words(Int.random(in: 0...3, using: &generator), &generator)
        let text = joined(words, &generator)
        return (text, Rationale(text: text, words: rule.ranges(in: text), selection: selection))
    }

    /// Documents of up to 40 words, every third with a query and each with a human rationale, and
    /// what an extractor selects of each.
    private func extracted(
        _ thresholder: any Thresholder, by source: Extractor.Source? = nil, count: Int = 60,
        _ generator: inout SeededGenerator, _ precision: Precision = .fp32
    ) throws -> [(document: Document, rationale: Rationale)] {
        let extractor = Extractor(
            source ?? .saliency(CLSAttention(), of: support), tokenizer: tokenizer,
            thresholder: thresholder, chunk: Self.chunk)
        let documents = (0..<count).map { number in
            let words = Self.words(Int.random(in: 1...40, using: &generator), &generator)
            let marked = Int.random(in: 0..<words.count, using: &generator)
            return Document(
                Self.joined(words, &generator),
                query: number % 3 == 0 ? Self.word(&generator) : nil,
                humanRationale: [marked..<(marked + 1)])
        }
        let extractions = try extractor.extract(
            documents, workers: Workers(threads: 1, precision: precision))
        #expect(extractions.contains { ($0?.chunks ?? 0) > 2 }, "long documents have chunks")
        return try zip(documents, extractions).map { ($0, try #require($1).rationale) }
    }

    private func certificates(
        _ inputs: [RationaleWords], threads: Int, _ precision: Precision = .fp32
    ) throws -> [Certificate] {
        let workers = Workers(threads: threads, precision: precision)
        return try zip(inputs, try classifier.classify(inputs, workers: workers)).map {
            Certificate(
                try #require($1), of: $0, by: identity, precision: precision)
        }
    }

    /// Every thresholder; a global one with the cut-off that a calibration would find.
    private static let thresholders: [ThresholderSettings] = ThresholderName.allCases.map { name in
        let options = Set(name.options)
        let isGlobal = options.isSuperset(of: [.ratio, .cutOff])
        return ThresholderSettings(
            name, ratio: options.contains(.ratio) && !isGlobal ? 0.2 : nil,
            mass: options.contains(.mass) ? 0.4 : nil,
            cutOff: options.contains(.cutOff) ? (isGlobal ? 1.2 : 0.05) : nil)
    }

    @Test(arguments: thresholders, Precision.available)
    func unselectedTextHasNoPartInThePrediction(
        _ settings: ThresholderSettings, _ precision: Precision
    ) throws {
        var generator = SeededGenerator(seed: 11)
        try check(
            try extracted(try settings.thresholder(), &generator, precision), &generator, precision)
    }

    @Test(arguments: SaliencyScorers.names.filter { $0 != "attention" })
    func unselectedTextHasNoPartInThePredictionWhateverTheScorer(_ name: String) throws {
        var generator = SeededGenerator(seed: 14)
        let source = Extractor.Source.saliency(
            try SaliencyScorers.named(name, seed: 5), of: support)
        try check(
            try extracted(TopK(ratio: 0.2), by: source, count: 12, &generator), &generator)
    }

    @Test(
        arguments: ["attention", "gradient", "leave-one-out"],
        WordEncoders.names.flatMap { [($0, false), ($0, true)] })
    func unselectedTextHasNoPartInThePredictionOfAWordModel(
        _ name: String, _ kind: (encoder: String, readsPairs: Bool)
    ) throws {
        let encoder = try #require(WordEncoders.named(kind.encoder))
        func model(_ seed: UInt64) -> WordClassifier {
            Self.wordModel(
                seed: seed, encoder, readsPairs: kind.readsPairs,
                vocabularySize: tokenizer.vocabularySize)
        }
        var words = self
        words.support = model(1)
        words.classifier = RationaleClassifier(
            model: model(2), tokenizer: tokenizer, chunk: Self.chunk)
        var generator = SeededGenerator(seed: 18)
        let source = Extractor.Source.saliency(
            try SaliencyScorers.named(name), of: words.support)
        try words.check(
            try words.extracted(TopK(ratio: 0.2), by: source, count: 12, &generator), &generator)
    }

    @Test func unselectedTextHasNoPartInThePredictionOfATaggersModel() throws {
        var generator = SeededGenerator(seed: 15)
        try check(try extracted(TopK(ratio: 0.2), by: .tagger(tagger), &generator), &generator)
    }

    @Test(arguments: thresholders)
    func unselectedTextHasNoPartInThePredictionWhereWordsTouch(
        _ settings: ThresholderSettings
    ) throws {
        var generator = SeededGenerator(seed: 17)
        let documents = (0..<16).map { _ in
            let count = Int.random(in: 1...150, using: &generator)
            return Document(Self.unspacedText(count, &generator))
        }
        let extractor = Extractor(
            .saliency(CLSAttention(), of: support),
            tokenizer: try Letters.tokenizer(words: .unicode),
            thresholder: try settings.thresholder(), chunk: Self.chunk)
        let extractions = try extractor.extract(documents, workers: Workers(threads: 1))
        #expect(extractions.contains { ($0?.chunks ?? 0) > 2 }, "long documents have chunks")
        let pairs = try zip(documents, extractions).map {
            (document: $0, rationale: try #require($1).rationale)
        }
        #expect(pairs.contains { $1.selection.count < $0.text.utf8.count / 8 })
        try check(pairs, words: .unicode, &generator)
    }

    @Test func aRationaleThatIsLongerThanAChunkIsReadWhole() throws {
        var generator = SeededGenerator(seed: 16)
        let pairs = try extracted(TopK(ratio: 0.9), &generator)
        let chunks = try pairs.map {
            try classifier.tokenize($1.classifierInput(query: $0.query)).chunks.count
        }
        #expect(chunks.contains { $0 > 2 })
        try check(pairs, &generator)
    }

    /// Changes what was not selected, five times, and expects the same certificates of a whole model
    /// that holds the selection fixed: its scorer is `human`, and what was selected is marked.
    private func check(
        _ pairs: [(document: Document, rationale: Rationale)], words rule: WordRule = .whitespace,
        _ generator: inout SeededGenerator, _ precision: Precision = .fp32
    ) throws {
        let inputs = pairs.map { $1.classifierInput(query: $0.query) }
        let originals = try certificates(inputs, threads: 1, precision)
        let model = try selectingWhatIsMarked(precision, words: rule)
        for _ in 0..<5 {
            // In another order, so that each stands in other company too.
            let order = Array(pairs.indices).shuffled(using: &generator)
            let changed = order.map { Self.altered(pairs[$0].rationale, words: rule, &generator) }
            let documents = zip(order, changed).map { index, change in
                Document(
                    change.text, query: pairs[index].document.query,
                    humanRationale: change.rationale.snippets.map(\.words))
            }
            let answers = try model.classify(documents)
            for (place, index) in order.enumerated() {
                let answer = try #require(answers[place])
                #expect(answer.rationale.words == pairs[index].rationale.words)
                #expect(
                    answer.certificate.logits.map(\.bitPattern)
                        == originals[index].logits.map(\.bitPattern))
                #expect(answer.certificate == originals[index])
            }
        }
    }

    /// A model that selects exactly the words that are marked: only they have a score above 0.
    private func selectingWhatIsMarked(
        _ precision: Precision, words: WordRule
    ) throws -> RationaleModel {
        let score = #"{"macro_f1": 0, "accuracy": 0, "documents": 0}"#
        let scores = #"{"best_epoch": 1, "dev": \#(score)}"#
        let manifest = try JSONDecoder().decode(
            ModelManifest.self,
            from: Data(
                #"""
                {"format_version": 2, "labels": ["negative", "positive"], "scorer": "human",
                 "thresholder": "threshold", "cut_off": 0.0001, "maximum_length": 48, "stride": 30,
                 "uses_query": false, "files": {}, "training": {"encoder": "", "warrant": "",
                 "epochs": 1, "batch_size": 1, "learning_rate": 1, "weight_decay": 0, "warmup": 0,
                 "seed": 0, "train_documents": 0, "support": \#(scores), "classifier": \#(scores)}}
                """#.utf8))
        return RationaleModel(
            manifest: manifest, support: support,
            extractor: Extractor(
                .saliency(try SaliencyScorers.named("human"), of: support),
                tokenizer: try Letters.tokenizer(words: words),
                thresholder: try manifest.selection.thresholder(), chunk: Self.chunk),
            classifier: classifier, classifierIdentity: identity,
            workers: Workers(threads: 2, precision: precision))
    }

    @Test func alteredTextsAreReallyOthersAndStillShowTheirSnippets() throws {
        var generator = SeededGenerator(seed: 12)
        let pairs = try extracted(TopK(ratio: 0.2), &generator)
        let changed = pairs.map { Self.altered($0.rationale, &generator) }
        // The support model reads all of a text, and so it does notice.
        let workers = Workers(threads: 1)
        let logits = try [pairs.map(\.document.text), changed.map(\.text)].map { texts in
            support.logits(
                try texts.map { try tokenizer.chunks(of: $0, query: nil, Self.chunk) },
                workers: workers)
        }
        let same = zip(logits[0], logits[1]).count { $0 == $1 }
        #expect(same <= 2, "a short text may come out as it was")
        for (pair, change) in zip(pairs, changed) {
            #expect(change.rationale.words == pair.rationale.words)
            for snippet in change.rationale.snippets {
                #expect(change.rationale.range(of: snippet, in: change.text) != nil)
            }
        }
    }

    @Test func aSelectedWordHasAPartInThePrediction() throws {
        var generator = SeededGenerator(seed: 13)
        let pairs = try extracted(TopK(ratio: 0.2), &generator)
        let inputs = pairs.map { $1.classifierInput(query: $0.query) }
        let changed = inputs.map { input in
            var words = input.words
            words[Int.random(in: 0..<words.count, using: &generator)] += "z"
            return RationaleWords(words: words, query: input.query)
        }
        let (before, after) = (
            try certificates(inputs, threads: 1), try certificates(changed, threads: 1)
        )
        for (before, after) in zip(before, after) { #expect(before.logits != after.logits) }
    }
}
