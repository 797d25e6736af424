import Foundation
import TestSupport
import Testing
import Tokenization

/// Chunks over long documents, with a vocabulary of letters: a word of n letters has n pieces.
@Suite struct ChunkSizeTests {
    private let tokenizer: any Tokenizer

    init() throws {
        tokenizer = try Letters.tokenizer()
    }

    private static func text(_ lengths: [Int]) -> String {
        lengths.enumerated().map { number, length in
            String(
                (0..<length).map { Character(Unicode.Scalar(UInt8(97 + (number + $0) % 26))) })
        }.joined(separator: " ")
    }

    // Every chunk repeats the query: chunks of a piece each would multiply it by the document.
    @Test func aLongQueryLeavesAQuarterOfEachChunkOrOneChunk() throws {
        let size = ChunkSize(length: 40, stride: 30)
        let text = Self.text(Array(repeating: 5, count: 20))
        // [CLS], the query and two [SEP]s: 10 of 40 are left beside 27 letters.
        let fits = try tokenizer.chunks(of: text, query: Self.text([27]), size)
        #expect(fits.chunks.count > 10)
        for query in [Self.text([28]), Self.text([36])] {
            #expect(throws: TokenizerError.littleRoomForChunks(length: 40)) {
                try tokenizer.chunks(of: text, query: query, size)
            }
            #expect(try tokenizer.chunks(of: "a", query: query, size).chunks.count == 1)
        }
    }

    @Test func aDocumentThatFitsIsOneChunkAndTheSameAsWithout() throws {
        let size = ChunkSize(length: 12, stride: 8)
        for query in [nil, "ab"] {
            // Room for 10 pieces, or for 7 after the query and its separator.
            let text = Self.text(query == nil ? [3, 3, 4] : [3, 4])
            let document = try tokenizer.chunks(of: text, query: query, size)
            #expect(
                document.chunks
                    == [try tokenizer.tokenize(text, query: query, maximumLength: .max)])
            #expect(!document.isTruncated && document.isReadable)
        }
    }

    @Test(arguments: [nil, "ab cd"])
    func chunksHoldEveryPieceOverlapAndBeginBetweenWords(_ query: String?) throws {
        var state: UInt64 = 7
        func draw(_ range: ClosedRange<Int>) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return range.lowerBound + Int(state >> 33) % range.count
        }
        for _ in 0..<200 {
            let size = ChunkSize(length: draw(16...40), stride: draw(4...16))
            let text = Self.text((0..<draw(20...80)).map { _ in draw(1...5) })
            let whole = try tokenizer.tokenize(text, query: query, maximumLength: .max)
            let document = try tokenizer.chunks(of: text, query: query, size)
            #expect(document.chunks.count > 1)
            #expect(document.readWords == whole.words.count)
            #expect(document.words == whole.words)

            var seen = Set<Int>()
            let prefix = query == nil ? 1 : 6
            var last = 0..<0
            for chunk in document.chunks {
                #expect(chunk.ids.count <= size.length)
                // The query and the special tokens stand around each chunk.
                #expect(chunk.ids.prefix(prefix) == whole.ids.prefix(prefix))
                #expect(chunk.ids.last == tokenizer.separatorTokenID)
                #expect(chunk.segmentIDs.prefix(prefix).allSatisfy { $0 == 0 })
                #expect(chunk.segmentIDs[prefix] == (query == nil ? 0 : 1))
                // What lies between is a stretch of the document's own pieces.
                let pieces = chunk.offsets[prefix..<(chunk.offsets.count - 1)]
                let start = try #require(whole.offsets[prefix...].firstIndex(of: pieces.first!))
                let stretch = start..<(start + pieces.count)
                #expect(Array(whole.ids[stretch]) == Array(chunk.ids[prefix...].dropLast()))
                seen.formUnion(stretch)
                // Words are whole, and are counted as such.
                let words = chunk.wordIndices[prefix...].dropLast().map { Int($0) }
                #expect(chunk.wholeWords == words.first!..<(words.last! + 1))
                for word in chunk.wholeWords {
                    #expect(words.count { $0 == word } == whole.words[word].count)
                }
                // The next begins within the last and ends further on.
                #expect(chunk.wholeWords.lowerBound >= last.lowerBound)
                #expect(chunk.wholeWords.upperBound > last.upperBound)
                #expect(chunk.wholeWords.lowerBound <= last.upperBound)
                last = chunk.wholeWords
            }
            #expect(seen == Set(prefix..<(whole.ids.count - 1)))
        }
    }

    @Test func chunksAreAboutAsLongAsEachOther() throws {
        let text = Self.text(Array(repeating: 1, count: 101))
        let document = try tokenizer.chunks(
            of: text, query: nil, ChunkSize(length: 102, stride: 75))
        // 100 pieces fit in one; 101 are 64 and 64 with 27 in common, not 100 and 28.
        #expect(document.chunks.map(\.ids.count) == [66, 66])
    }

    @Test(arguments: [1, 4, 9, 30, 38], [nil, "abcdefghij"])
    func chunksBeginNoFurtherApartThanTheStride(_ stride: Int, _ query: String?) throws {
        let text = Self.text(Array(repeating: 1, count: 200))
        let size = ChunkSize(length: 40, stride: stride)
        let starts = try tokenizer.chunks(of: text, query: query, size).chunks.map {
            $0.wholeWords.lowerBound
        }
        for (start, next) in zip(starts, starts.dropFirst()) {
            #expect(next > start && next - start <= stride)
        }
        // Nor nearer than it must be.
        #expect(starts.count <= 200 / max(1, stride / 2) + 1)
    }

    @Test func aWordThatJustFitsIsNotTakenApart() throws {
        for length in 1...10 {
            let text = Self.text([1, 1, 1, 1, 1, length, 4])
            let document = try tokenizer.chunks(
                of: text, query: nil, ChunkSize(length: 12, stride: 8))
            let pieces = document.chunks.map { chunk in
                chunk.wordIndices.count { $0 == 5 }
            }
            #expect(pieces.allSatisfy { $0 == 0 || $0 == length }, "\(pieces)")
        }
    }

    @Test func aWordLongerThanAChunkIsTakenApart() throws {
        let text = Self.text([3, 90, 4])
        let document = try tokenizer.chunks(
            of: text, query: nil, ChunkSize(length: 32, stride: 24))
        let counts = document.chunks.map { chunk in
            chunk.wordIndices.count { $0 == 1 }
        }
        #expect(document.chunks.allSatisfy { $0.ids.count <= 32 })
        #expect(counts.filter { $0 > 0 }.count > 2 && counts.reduce(0, +) >= 90)
        #expect(document.chunks.contains { $0.wholeWords.contains(1) })
        #expect(document.readWords == 3)
    }

    @Test func withoutAStrideTheRestIsNotRead() throws {
        let text = Self.text([4, 4, 4, 4])
        let document = try tokenizer.chunks(
            of: text, query: nil, ChunkSize(length: 12, stride: nil))
        #expect(document.chunks.count == 1)
        #expect(document.readWords == 2 && document.isTruncated)
    }

    @Test func aWordsScoreIsItsMeanOverChunks() throws {
        let text = Self.text([4, 4, 4, 4])
        let document = try tokenizer.chunks(
            of: text, query: nil, ChunkSize(length: 14, stride: 9))
        #expect(document.chunks.map(\.wholeWords) == [0..<3, 1..<4])
        #expect(document.mean([[1, 2, 3], [5, 6, 7]]) == [1, 3.5, 4.5, 7])
    }

    @Test func aQueryThatLeavesNoRoomIsAnError() {
        #expect(throws: TokenizerError.noRoomForDocument(maximumLength: 8)) {
            try tokenizer.chunks(of: "ab cd", query: "abcdefgh", ChunkSize(length: 8, stride: 6))
        }
        #expect(throws: Never.self) {
            try tokenizer.chunks(of: "", query: "a", ChunkSize(length: 8, stride: 6))
        }
    }
}
