import AttentionModels
import Testing
import Warrant

@Suite("Rows as words")
struct WordDataTests {
    private let workers = Workers(threads: 2)

    private func rows(_ texts: [String], _ queries: [String]? = nil) -> [Example] {
        texts.enumerated().map { index, text in
            Example(
                id: nil, text: text, query: queries?[index], label: index % 2 == 0 ? "no" : "yes",
                location: SourceLocation(file: "rows", line: index + 1))
        }
    }

    private func data(_ train: [Example], dev: [Example]? = nil) throws -> TrainingData {
        try TrainingData(train: train, dev: dev ?? train, test: [], seed: 0)
    }

    @Test func theVocabularyIsThatOfTheTrainingTexts() throws {
        let data = try data(
            rows(["The film", "a film film", "a PLOT"]), dev: rows(["unseen words", "a film"]))
        var options = AttentionOptions()
        let words = try WordData(data, options, workers: workers)
        #expect(
            words.vocabulary.words
                == WordVocabulary.specialWords + ["a", "film", "plot", "the"])
        // Start, an unknown word twice, end.
        #expect(words.sets.dev.documents[0].ids == [2, 1, 1, 3])
        #expect(words.sets.train.documents[1].ids == [2, 4, 5, 5, 3])
        #expect(words.sets.train.labels == [0, 1, 0])

        options.minimumDocuments = 2
        let frequent = try WordData(data, options, workers: workers)
        #expect(frequent.vocabulary.words == WordVocabulary.specialWords + ["a", "film"])
        #expect(frequent.sets.train.documents[0].ids == [2, 1, 5, 3])
    }

    @Test func aQuestionsWordsAreKnownAndCountWithItsText() throws {
        let data = try data(rows(["the film", "a plot"], ["which film ?", "which one ?"]))
        var options = AttentionOptions()
        options.minimumDocuments = 2
        let words = try WordData(data, options, workers: workers)
        // "film" stands twice in the first row and in no other.
        #expect(words.vocabulary.words == WordVocabulary.specialWords + ["?", "which"])
        let questions = try #require(words.sets.train.questions)
        #expect(questions[0].ids == [2, 5, 1, 4, 3])
        #expect(words.sets.train.lengths == [4 + 5, 4 + 5])
    }

    @Test func textsOfOtherLengthsAreLeftOutAndCounted() throws {
        let texts = [
            "one", "one two", "one two three", "one two three four", "a b c d e", "x y z u v",
        ]
        let data = try data(rows(texts))
        var options = AttentionOptions()
        func kept() throws -> [String] {
            let set = try WordData(data, options, workers: workers).sets.train
            #expect(set.leftOut == texts.count - set.count)
            #expect(set.documents.count == set.count && set.labels.count == set.count)
            return set.rows.map(\.text)
        }
        #expect(try kept() == texts)
        options.lengths.minimum = 2
        options.lengths.maximum = 4
        #expect(try kept() == Array(texts[1..<4]))
        options.lengths.maximum = nil
        options.lengths.dropsLongest = true
        #expect(try kept() == Array(texts[1..<4]), "both of the longest")
        options.lengths.minimum = 6
        #expect(throws: DatasetError.self) { try kept() }
    }

    @Test func limitsThatAllowNothingAreRefused() {
        var options = AttentionOptions()
        options.lengths.minimum = 5
        options.lengths.maximum = 4
        #expect(throws: WarrantError.self) { try options.validate() }
    }
}
