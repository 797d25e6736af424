import AttentionModels
import Encoders
import Files
import TestSupport
import Testing
import Warrant

@Suite(
    "Word vectors from word pieces",
    .enabled(if: Outside.hasEncoder, "no encoder: run Scripts/fetch-encoder.sh"))
struct WordPieceVectorsTests {
    private let folder = FolderFiles(Outside.encoder.path)
    private let words = WordVocabulary(
        of: ["a film that is unwatchable", "an actor and a plot", "dullness , brightly lit"],
        minimumDocuments: 1
    ).words

    private func rows(_ vectors: WordVectors) -> [[Double]] {
        (0..<words.count).map { row in
            (0..<vectors.size).map { Double(vectors.values[row * vectors.size + $0]) }
        }
    }

    /// The mean of each word's piece embeddings, computed here.
    private func means() throws -> [[Double]] {
        let model = try SequenceClassifier(encoder: folder, labels: ["a", "b"], seed: 0)
        let tokenizer = try openTokenizer(folder)
        let table = model.parameters[model.encoder.wordEmbeddings]
        return try words.enumerated().map { index, word in
            let ids: [Int32] =
                switch index {
                case 0: []
                // Of BERT's vocabulary.
                case 1: [100]
                case 2: [101]
                case 3: [102]
                default:
                    Array(
                        try tokenizer.tokenize(word, maximumLength: 64).ids.dropFirst().dropLast())
                }
            return (0..<table.columns).map { column in
                ids.reduce(0) { $0 + Double(table[Int($1), column]) } / Double(max(1, ids.count))
            }
        }
    }

    @Test func aWordsVectorIsTheMeanOfItsPieces() throws {
        let vectors = try WordVectors(encoder: folder, words: words, size: nil)
        #expect(vectors.size == 384)
        #expect(vectors.known == words.count - WordVocabulary.specialWords.count)
        let (rows, means) = (rows(vectors), try means())
        #expect(rows[0].allSatisfy { $0 == 0 }, "padding")
        // All are scaled by one number.
        let scale = rows[4][0] / means[4][0]
        for (row, mean) in zip(rows, means) {
            #expect(zip(row, mean).allSatisfy { abs($0 - scale * $1) < 1e-5 })
        }
        let values = rows[4...].flatMap { $0 }
        let mean = values.reduce(0, +) / Double(values.count)
        let variance =
            values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
        #expect(abs(variance.squareRoot() - 0.3) < 1e-4)
    }

    /// A projection on the widest directions keeps what words differ in, as far as so many
    /// directions can.
    @Test func narrowerVectorsKeepTheDistancesOfWords() throws {
        let count = words.count - 4
        let whole = rows(try WordVectors(encoder: folder, words: words, size: nil))
        // As many directions as words differ in: all distances stay but for the scale.
        let narrow = rows(try WordVectors(encoder: folder, words: words, size: count - 1))
        func distance(_ rows: [[Double]], _ one: Int, _ other: Int) -> Double {
            zip(rows[one], rows[other]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                .squareRoot()
        }
        let scale = distance(narrow, 4, 5) / distance(whole, 4, 5)
        for other in 6..<words.count {
            #expect(
                abs(distance(narrow, 4, other) / distance(whole, 4, other) / scale - 1) < 1e-3)
        }
        #expect(narrow[0].allSatisfy { $0 == 0 }, "padding stays zero")
    }

    @Test func moreColumnsThanTheEncoderHasAreRefused() throws {
        let error = #expect(throws: WarrantError.self) {
            try WordVectors(encoder: folder, words: words, size: 385)
        }
        #expect("\(try #require(error))".contains("embeddings of 384 numbers"))
    }
}
