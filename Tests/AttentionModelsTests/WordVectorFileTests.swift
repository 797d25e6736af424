import AttentionModels
import Files
import TestSupport
import Testing
import Warrant

@Suite("Files of word vectors")
struct WordVectorFileTests {
    private let words = WordVocabulary(of: ["a bright film", "a dull film"], minimumDocuments: 1)
        .words

    private func vectors(_ text: String, size: Int? = nil) throws -> WordVectors {
        let folder = try TemporaryFolder()
        let path = try folder.file("vectors.txt", text)
        return try withExtendedLifetime(folder) {
            try WordVectors(file: MappedFile(path: path), words: words, size: size)
        }
    }

    private func row(_ word: String, _ vectors: WordVectors) throws -> [Float] {
        let index = try #require(words.firstIndex(of: word))
        return Array(vectors.values[(index * vectors.size)..<((index + 1) * vectors.size)])
    }

    private static let lines = "film 1 2 3\nthe 9 9 9\nbright -0.5 1e-2 3.25\n"

    @Test(arguments: [
        lines, "3 3\n" + lines, lines.replacing("\n", with: "\r\n"),
        lines.replacing(" ", with: "\t"), "\n" + lines.replacing("\n", with: " \n\n"),
        String(lines.dropLast()),
    ])
    func wordsHaveTheFilesVectorsAndOthersZero(_ text: String) throws {
        let vectors = try vectors(text)
        #expect(vectors.size == 3 && vectors.known == 2)
        #expect(vectors.values.count == 3 * words.count)
        #expect(try row("film", vectors) == [1, 2, 3])
        #expect(try row("bright", vectors) == [-0.5, 1e-2, 3.25])
        for word in WordVocabulary.specialWords + ["a", "dull"] {
            #expect(try row(word, vectors) == [0, 0, 0], "\(word)")
        }
    }

    @Test func ofARepeatedWordTheFirstLineCounts() throws {
        let vectors = try vectors(Self.lines + "film 7 7 7\n")
        #expect(try row("film", vectors) == [1, 2, 3] && vectors.known == 2)
    }

    // GloVe's largest file has some.
    @Test func aWordMayHaveSpacesInIt() throws {
        let vectors = try vectors("dull film 4 4 4\n" + Self.lines)
        #expect(vectors.size == 3)
        #expect(try row("film", vectors) == [1, 2, 3])
    }

    @Test func specialWordsHaveNoVectors() throws {
        let vectors = try vectors(Self.lines + "<unk> 5 5 5\n<s> 5 5 5\n")
        #expect(try row("<unk>", vectors) == [0, 0, 0] && vectors.known == 2)
    }

    @Test(arguments: [
        ("", 0, ["vectors.txt", "empty"]),
        ("film\nbright\n", 0, ["vectors.txt", "no numbers"]),
        (lines + "dull 1 2\n", 0, ["vectors.txt:4: ", "2 numbers where other lines have 3"]),
        ("3 3\n" + lines + "dull 1 2\n", 0, ["vectors.txt:5: ", "2 numbers"]),
        (lines.replacing("1e-2", with: "x"), 0, ["vectors.txt:3: ", "\"x\" is no number"]),
        (lines.replacing("1e-2", with: "nan"), 0, ["vectors.txt:3: ", "\"nan\" is no number"]),
        (lines.replacing("1e-2", with: "1e99"), 0, ["vectors.txt:3: ", "is no number"]),
        ("3 0\n" + lines, 0, ["vectors.txt:1: ", "the width is 0"]),
        (lines, 4, ["vectors.txt", "vectors of 3 numbers", "4"]),
    ])
    func flawsNameFileAndLine(_ text: String, _ size: Int, _ facts: [String]) throws {
        let error = #expect(throws: WarrantError.self) {
            try vectors(text, size: size == 0 ? nil : size)
        }
        let message = "\(try #require(error))"
        #expect(!message.contains("\n"))
        for fact in facts { #expect(message.contains(fact), "\(fact): \(message)") }
    }
}
