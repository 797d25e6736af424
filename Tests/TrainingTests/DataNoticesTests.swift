import Testing
import Warrant

@Suite struct DataNoticesTests {
    private func row(
        _ line: Int, _ text: String, _ label: String, file: String = "train.jsonl",
        query: String? = nil, id: String? = nil, rationale: [Range<Int>]? = nil
    ) -> Example {
        Example(
            id: id, text: text, query: query, label: label, rationale: rationale,
            location: SourceLocation(file: file, line: line))
    }

    private func notices(
        _ labels: [String]? = nil, train: [Example], dev: [Example] = [], test: [Example] = []
    ) -> [Notice] {
        var notices = DataNotices(labels: labels ?? [])
        for (set, rows) in [(RowSet.train, train), (.dev, dev), (.test, test)] {
            for row in rows { notices.add(row, to: set) }
        }
        return notices.all
    }

    private let clean = ["a", "b", "c", "d"]

    @Test func soundRowsGiveNone() throws {
        let train = (1...8).map {
            row($0, "text \($0) of train", $0 % 2 == 0 ? "a" : "b", id: "\($0)", rationale: [0..<1])
        }
        let dev = (1...4).map {
            row($0, "text \($0) of dev", $0 % 2 == 0 ? "a" : "b", file: "dev.jsonl", id: "\($0)")
        }
        #expect(notices(["a", "b"], train: train, dev: dev) == [])
        #expect(
            DataNotices(try TrainingData(train: train, dev: dev, test: dev, seed: 0)).all == [])
    }

    @Test func textsThatAlsoStandInTrainAreCountedForEachSet() throws {
        let train = clean.enumerated().map { row($0 + 1, "text \($1)", "a") }
        let dev = [
            row(1, "text b", "a", file: "dev.tsv"), row(2, "text x", "a", file: "dev.tsv"),
            row(3, "text c", "a", file: "dev.tsv"),
        ]
        let test = [row(9, "text d", "a", file: "test.tsv")]
        let found = notices(train: train, dev: dev, test: test)
        #expect(found.map(\.kind) == [.sharedTexts, .sharedTexts] && found.map(\.count) == [2, 1])
        #expect(found[0].message.hasPrefix("2 of 3 dev texts also stand in train"))
        #expect(found[0].message.contains("dev.tsv:1, which is train.jsonl:2"))
        #expect(found[1].message.hasPrefix("1 of 1 test texts"))
        // Another question about the same text is another row.
        let asked = [row(1, "text b", "a", file: "dev.tsv", query: "why?")]
        #expect(notices(train: train, dev: asked) == [])
    }

    @Test func textsWithSeveralLabelsAreCountedOnce() throws {
        let train = [
            row(1, "one", "a"), row(2, "two", "a"), row(3, "one", "b"), row(4, "one", "b"),
            row(5, "two", "a"), row(6, "three", "a", query: "x"), row(7, "three", "b", query: "y"),
        ]
        let found = notices(train: train)
        #expect(found.map(\.kind) == [.severalLabels] && found[0].count == 1)
        #expect(
            found[0].message.contains(
                "train.jsonl:1 is labelled \"a\" and train.jsonl:3 \"b\""))
    }

    @Test(arguments: [
        (["positive", "positive ", "negative"], 2, "\"positive\" (train.jsonl:1), \"positive \""),
        (["Yes", "no", "yes", "NO"], 4, "\"NO\" (train.jsonl:4), \"no\" (train.jsonl:2)"),
        (["1", "1.0", "2", "01"], 3, "\"01\" (train.jsonl:4), \"1\" (train.jsonl:1), \"1.0\""),
        (["very good", "very  good"], 2, "\"very  good\" (train.jsonl:2), \"very good\""),
        (["1", "10", "-1", "a", "b"], 0, ""),
    ])
    func labelsThatAreNearlyTheSameAreShownInQuotes(
        _ labels: [String], _ count: Int, _ example: String
    ) throws {
        let found = notices(train: labels.enumerated().map { row($0 + 1, "text \($0)", $1) })
        #expect(found.map(\.kind) == (count > 0 ? [.similarLabels] : []))
        guard let notice = found.first else { return }
        #expect(notice.count == count && notice.message.contains(example), "\(notice.message)")
    }

    @Test func labelsThatAreComposedOtherwiseAreSaidToBeOneClass() throws {
        let train = ["caf\u{E9}", "tea", "cafe\u{301}", "cafe\u{301}"].enumerated().map {
            row($0 + 1, "text \($0)", $1)
        }
        let found = notices(train: train)
        #expect(found.map(\.kind) == [.composedLabels] && found[0].count == 2)
        #expect(found[0].message.contains("train.jsonl:3"), "\(found[0].message)")
    }

    @Test func idsAreComparedWithinAFile() throws {
        let train = [row(1, "x", "a", id: "7"), row(2, "y", "a", id: "8")]
        let dev = [row(1, "z", "a", file: "dev.jsonl", id: "7"), train[1]]
        #expect(!notices(train: train, dev: dev).contains { $0.kind == .repeatedIDs })
        let found = notices(train: train + [row(3, "w", "a", id: "8"), row(4, "v", "a", id: "8")])
        #expect(found.map(\.kind) == [.repeatedIDs] && found[0].count == 2)
        #expect(found[0].message.contains("train.jsonl:3 and train.jsonl:2 are both \"8\""))
    }

    @Test func rationalesOfAllWordsAreNoticedWhereTheyAreMost() throws {
        let broad = (1...3).map { row($0, "a b c d \($0)", "a", rationale: [0..<5]) }
        let narrow = (4...6).map { row($0, "a b c d \($0)", "a", rationale: [0..<2]) }
        #expect(notices(train: broad + narrow) == [])
        let found = notices(train: narrow.dropLast() + broad)
        #expect(found.map(\.kind) == [.broadRationales] && found[0].count == 3)
        #expect(found[0].message.hasPrefix("3 of 5 ") && found[0].message.contains("train.jsonl:1"))
    }

    @Test func classesWithoutRowsAreNamed() throws {
        let labels = ["a", "b", "c"]
        let train = labels.enumerated().map { row($0, "train \($0)", $1) }
        let dev = [row(1, "dev", "b", file: "dev.jsonl")]
        let found = notices(labels, train: train, dev: dev)
        #expect(found.map(\.kind) == [.classesWithoutRows] && found[0].count == 2)
        #expect(
            found[0].message.hasPrefix(
                "dev has no document labelled \"a\", \"c\": its macro-F1 is of 1 of 3 classes"))
    }
}
