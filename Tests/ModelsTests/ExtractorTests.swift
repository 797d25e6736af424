import TestSupport
import Testing
import Warrant

@Suite struct ExtractorTests {
    private let tokenizer: any Tokenizer
    private let model: SequenceClassifier
    private let chunk = ChunkSize(length: 24, stride: 16)
    private let workers = Workers(threads: 2)

    init() throws {
        tokenizer = try Letters.tokenizer()
        let configuration = EncoderConfiguration(
            hiddenSize: 32, layers: 2, heads: 2, intermediateSize: 64,
            vocabularySize: Letters.vocabulary.count, maximumLength: 24)
        model = SequenceClassifier(configuration, labels: ["negative", "positive"]).randomized(
            seed: 4, range: 0.5)
    }

    private func extractor(_ scorer: any SaliencyScorer) -> Extractor {
        Extractor(
            .saliency(scorer, of: model), tokenizer: tokenizer, thresholder: TopK(ratio: 1),
            chunk: chunk)
    }

    private func extract(
        _ documents: [Document], by scorer: any SaliencyScorer, _ workers: Workers? = nil
    ) throws -> [Extraction?] {
        try extractor(scorer).extract(documents, workers: workers ?? self.workers)
    }

    /// What a scorer says of each of a document's chunks, and each one's logits.
    private func chunks(
        of document: ChunkedDocument, by scorer: any SaliencyScorer
    ) throws -> (scored: [ChunkSaliency], logits: [[Float]]) {
        let logits = model.logits(document.chunks, workers: workers)
        let inputs = zip(document.chunks, OtherChunks.each(of: logits)).map {
            SaliencyInput($0, others: $1)
        }
        let context = ScoringContext(
            model: model, maskTokenID: tokenizer.maskTokenID, workers: workers)
        return (try scorer.score(inputs, context), logits)
    }

    // A document of several chunks is explained as a whole: its class, and by how much a chunk
    // moves it, are those of the mean of all chunks.
    @Test func aLongDocumentsScoresAreOfItsOwnPrediction() throws {
        let texts = ["a b c d e f g", "q w e r t y u i o p a s d f g h j k l z x c v b n m"]
        let documents = texts.map { Document($0) }
        let tokenized = try tokenizer.chunks(documents, chunk, workers: workers)
        #expect(tokenized.map { $0.chunks.count } == [1, 2])
        let extractions = try extract(documents, by: LeaveOneOut())
        for (extraction, document) in zip(extractions, tokenized) {
            let (scored, logits) = try chunks(of: document, by: LeaveOneOut())
            let extraction = try #require(extraction)
            #expect(
                extraction.saliency
                    == SaliencyMap(normalizing: document.mean(scored.map { $0.words })))
            let mean = Logits.means(logits, counts: [logits.count])[0]
            #expect(extraction.support == Prediction(logits: mean, labels: model.labels))
        }
    }

    // Nothing can be predicted from a word that a tokenizer drops.
    @Test func wordsWithoutPiecesHaveNoScore() throws {
        let document = Document("\u{200b} a \u{200b}\u{7} b")
        let scorers: [any SaliencyScorer] = [
            FirstWords(), RandomSaliency(seed: 1), Lime(), CLSAttention(),
            MissingScorer(deltas: [0], score: 0),
        ]
        for scorer in scorers {
            let extractor = Extractor(
                .saliency(scorer, of: model), tokenizer: tokenizer, thresholder: TopK(words: 1),
                chunk: chunk)
            let extraction = try #require(
                try extractor.extract([document], workers: workers)[0])
            let scores = extraction.saliency.scores
            #expect(scores.count == 4 && scores[0] == 0 && scores[2] == 0, "\(scorer.name)")
            #expect([[1], [3]].contains(extraction.rationale.selection), "\(scorer.name)")
        }
    }

    // What extractions say of whole texts is used in place of another pass only where it is the same.
    @Test func extractionsTellTheSupportPredictionWhereTheModelWasAsked() throws {
        let documents = ["a b c d e f g", "", "q w e r t y"].map { Document($0) }
        for precision in Precision.available {
            let workers = Workers(threads: 2, precision: precision)
            func told(_ scorer: any SaliencyScorer) throws -> [Prediction?]? {
                try extractor(scorer).supportPredictions(
                    from: extract(documents, by: scorer, workers), in: precision)
            }
            let tokenized = try tokenizer.chunks(documents, chunk, workers: workers)
            var whole: [Prediction?] = model.logits(tokenized, workers: workers)
                .map { Prediction(logits: $0, labels: model.labels) }
            whole[1] = nil
            #expect(try told(CLSAttention()) == whole)
            #expect(try told(RandomSaliency(seed: 1)) == nil, "it was not asked")
            // In bf16 passes that record round otherwise.
            #expect(try told(LeaveOneOut()) == (precision == .fp32 ? whole : nil))
        }
    }

    @Test func aLongDocumentsConvergenceDeltaIsTheLargestOfItsChunks() throws {
        let long = "q w e r t y u i o p a s d f g h j k l z x c v b n m"
        let texts = ["a b c d e f g", long, String(long.reversed())]
        let documents = texts.map { Document($0) }
        let tokenized = try tokenizer.chunks(documents, chunk, workers: workers)
        #expect(tokenized.map { $0.chunks.count } == [1, 2, 2])
        // Whichever chunk it is, and whatever its sign.
        let missing = MissingScorer(deltas: [-0.5, 0.25, -0.75, 0.5, 0.125])
        let told = try extract(documents, by: missing).map { $0?.convergenceDelta }
        #expect(told == [0.5, 0.75, 0.5])

        let scorer = IntegratedGradients(steps: 4)
        for (extraction, document) in zip(try extract(documents, by: scorer), tokenized) {
            let deltas = try chunks(of: document, by: scorer).scored.map { chunk in
                abs(try #require(chunk.convergenceDelta))
            }
            #expect(extraction?.convergenceDelta == deltas.max())
            #expect(deltas.contains { $0 > 0 }, "four steps do not give the integral")
        }
        let others = try extract(documents, by: LeaveOneOut()).map { $0?.convergenceDelta }
        #expect(others == [nil, nil, nil], "it promises no sum")
    }
}

/// Scores all words alike, and misses its sum by what it is told, chunk by chunk.
private struct MissingScorer: SaliencyScorer {
    let deltas: [Float]
    var score: Float = 1
    let name = "missing"

    func score(
        _ inputs: [SaliencyInput], _ context: ScoringContext
    ) throws(SaliencyError) -> [ChunkSaliency] {
        precondition(inputs.count == deltas.count, "a delta for each chunk")
        return inputs.indices.map { index in
            ChunkSaliency(
                logits: [0, 0], words: inputs[index].chunk.wholeWords.map { _ in score },
                convergenceDelta: deltas[index])
        }
    }
}
