import TestSupport
import Testing
import Warrant

@Suite struct ExtractorTests {
    private let tokenizer: any Tokenizer
    private let model: SequenceClassifier
    private let window = WindowSize(length: 24, stride: 16)
    private let workers = Workers(threads: 2)

    init() throws {
        tokenizer = try Letters.tokenizer()
        var configuration = EncoderConfiguration(
            hiddenSize: 32, layers: 2, heads: 2, intermediateSize: 64,
            vocabularySize: Letters.vocabulary.count, maximumLength: 24)
        configuration.labels = ["negative", "positive"]
        model = SequenceClassifier(configuration).randomized(seed: 4, range: 0.5)
    }

    // A document of several windows is explained as a whole: its class, and by how much a window
    // moves it, are those of the mean of all windows.
    @Test func aLongDocumentsScoresAreOfItsOwnPrediction() throws {
        let texts = ["a b c d e f g", "q w e r t y u i o p a s d f g h j k l z x c v b n m"]
        let documents = texts.map { Document($0) }
        let tokenized = try tokenizer.windows(documents, window, workers: workers)
        #expect(tokenized.map { $0.windows.count } == [1, 2])
        let extractor = Extractor(
            .saliency(LeaveOneOut(), of: model), tokenizer: tokenizer,
            thresholder: TopK(ratio: 1), window: window)
        let extractions = try extractor.extract(documents, workers: workers)
        for (extraction, document) in zip(extractions, tokenized) {
            let logits = model.logits(document.windows, workers: workers)
            let inputs = zip(document.windows, OtherWindows.each(of: logits)).map {
                SaliencyInput($0, others: $1)
            }
            let scored = try LeaveOneOut().score(
                inputs,
                ScoringContext(
                    model: model, maskTokenID: tokenizer.maskTokenID, workers: workers))
            let extraction = try #require(extraction)
            #expect(
                extraction.saliency
                    == SaliencyMap(normalizing: document.mean(scored.map { $0.words })))
            let mean = SequenceClassifier.means(logits, counts: [logits.count])[0]
            #expect(extraction.support == Prediction(logits: mean, labels: model.labels))
        }
    }
}
