import Foundation
import TestSupport
import Testing
import Tokenization

/// Windows over long documents, with a vocabulary of letters: a word of n letters has n pieces.
@Suite struct WindowSizeTests {
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

    // Every window repeats the query: windows of a piece each would multiply it by the document.
    @Test func aLongQueryLeavesAQuarterOfEachWindowOrOneWindow() throws {
        let size = WindowSize(length: 40, stride: 30)
        let text = Self.text(Array(repeating: 5, count: 20))
        // [CLS], the query and two [SEP]s: 10 of 40 are left beside 27 letters.
        let fits = try tokenizer.windows(of: text, query: Self.text([27]), size)
        #expect(fits.windows.count > 10)
        for query in [Self.text([28]), Self.text([36])] {
            #expect(throws: TokenizerError.littleRoomForWindows(length: 40)) {
                try tokenizer.windows(of: text, query: query, size)
            }
            #expect(try tokenizer.windows(of: "a", query: query, size).windows.count == 1)
        }
    }

    @Test func aDocumentThatFitsIsOneWindowAndTheSameAsWithout() throws {
        let size = WindowSize(length: 12, stride: 8)
        for query in [nil, "ab"] {
            // Room for 10 pieces, or for 7 after the query and its separator.
            let text = Self.text(query == nil ? [3, 3, 4] : [3, 4])
            let document = try tokenizer.windows(of: text, query: query, size)
            #expect(
                document.windows
                    == [try tokenizer.tokenize(text, query: query, maximumLength: .max)])
            #expect(!document.isTruncated && document.isReadable)
        }
    }

    @Test(arguments: [nil, "ab cd"])
    func windowsHoldEveryPieceOverlapAndBeginBetweenWords(_ query: String?) throws {
        var state: UInt64 = 7
        func draw(_ range: ClosedRange<Int>) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return range.lowerBound + Int(state >> 33) % range.count
        }
        for _ in 0..<200 {
            let size = WindowSize(length: draw(16...40), stride: draw(4...16))
            let text = Self.text((0..<draw(20...80)).map { _ in draw(1...5) })
            let whole = try tokenizer.tokenize(text, query: query, maximumLength: .max)
            let document = try tokenizer.windows(of: text, query: query, size)
            #expect(document.windows.count > 1)
            #expect(document.readWords == whole.words.count)
            #expect(document.words == whole.words)

            var seen = Set<Int>()
            let prefix = query == nil ? 1 : 6
            var last = 0..<0
            for window in document.windows {
                #expect(window.ids.count <= size.length)
                // The query and the special tokens stand around each window.
                #expect(window.ids.prefix(prefix) == whole.ids.prefix(prefix))
                #expect(window.ids.last == tokenizer.separatorTokenID)
                #expect(window.segmentIDs.prefix(prefix).allSatisfy { $0 == 0 })
                #expect(window.segmentIDs[prefix] == (query == nil ? 0 : 1))
                // What lies between is a stretch of the document's own pieces.
                let pieces = window.offsets[prefix..<(window.offsets.count - 1)]
                let start = try #require(whole.offsets[prefix...].firstIndex(of: pieces.first!))
                let stretch = start..<(start + pieces.count)
                #expect(Array(whole.ids[stretch]) == Array(window.ids[prefix...].dropLast()))
                seen.formUnion(stretch)
                // Words are whole, and are counted as such.
                let words = window.wordIndices[prefix...].dropLast().map { Int($0) }
                #expect(window.wholeWords == words.first!..<(words.last! + 1))
                for word in window.wholeWords {
                    #expect(words.count { $0 == word } == whole.words[word].count)
                }
                // The next begins within the last and ends further on.
                #expect(window.wholeWords.lowerBound >= last.lowerBound)
                #expect(window.wholeWords.upperBound > last.upperBound)
                #expect(window.wholeWords.lowerBound <= last.upperBound)
                last = window.wholeWords
            }
            #expect(seen == Set(prefix..<(whole.ids.count - 1)))
        }
    }

    @Test func windowsAreAboutAsLongAsEachOther() throws {
        let text = Self.text(Array(repeating: 1, count: 101))
        let document = try tokenizer.windows(
            of: text, query: nil, WindowSize(length: 102, stride: 75))
        // 100 pieces fit in one; 101 are 64 and 64 with 27 in common, not 100 and 28.
        #expect(document.windows.map(\.ids.count) == [66, 66])
    }

    @Test(arguments: [1, 4, 9, 30, 38], [nil, "abcdefghij"])
    func windowsBeginNoFurtherApartThanTheStride(_ stride: Int, _ query: String?) throws {
        let text = Self.text(Array(repeating: 1, count: 200))
        let size = WindowSize(length: 40, stride: stride)
        let starts = try tokenizer.windows(of: text, query: query, size).windows.map {
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
            let document = try tokenizer.windows(
                of: text, query: nil, WindowSize(length: 12, stride: 8))
            let pieces = document.windows.map { window in
                window.wordIndices.count { $0 == 5 }
            }
            #expect(pieces.allSatisfy { $0 == 0 || $0 == length }, "\(pieces)")
        }
    }

    @Test func aWordLongerThanAWindowIsTakenApart() throws {
        let text = Self.text([3, 90, 4])
        let document = try tokenizer.windows(
            of: text, query: nil, WindowSize(length: 32, stride: 24))
        let counts = document.windows.map { window in
            window.wordIndices.count { $0 == 1 }
        }
        #expect(document.windows.allSatisfy { $0.ids.count <= 32 })
        #expect(counts.filter { $0 > 0 }.count > 2 && counts.reduce(0, +) >= 90)
        #expect(document.windows.contains { $0.wholeWords.contains(1) })
        #expect(document.readWords == 3)
    }

    @Test func withoutAStrideTheRestIsNotRead() throws {
        let text = Self.text([4, 4, 4, 4])
        let document = try tokenizer.windows(
            of: text, query: nil, WindowSize(length: 12, stride: nil))
        #expect(document.windows.count == 1)
        #expect(document.readWords == 2 && document.isTruncated)
    }

    @Test func aWordsScoreIsItsMeanOverWindows() throws {
        let text = Self.text([4, 4, 4, 4])
        let document = try tokenizer.windows(
            of: text, query: nil, WindowSize(length: 14, stride: 9))
        #expect(document.windows.map(\.wholeWords) == [0..<3, 1..<4])
        #expect(document.mean([[1, 2, 3], [5, 6, 7]]) == [1, 3.5, 4.5, 7])
    }

    @Test func aQueryThatLeavesNoRoomIsAnError() {
        #expect(throws: TokenizerError.noRoomForDocument(maximumLength: 8)) {
            try tokenizer.windows(of: "ab cd", query: "abcdefgh", WindowSize(length: 8, stride: 6))
        }
        #expect(throws: Never.self) {
            try tokenizer.windows(of: "", query: "a", WindowSize(length: 8, stride: 6))
        }
    }
}
