import TestSupport
import Testing
import Warrant

@Suite("The rows of an experiment")
struct ExperimentRowsTests {
    @Test(arguments: [false, true]) func whatIsToldOfTheRowsIsKeptWhereTestIsDev(
        _ isDev: Bool
    ) throws {
        let folder = try TemporaryFolder()
        let rows = (0..<20).map { "word \($0)\t\($0 % 2 == 0 ? "a" : "b")\n" }.joined()
        try folder.file("rows.tsv", "text\tlabel\n" + rows + " \ta\n")
        let path = try folder.file(
            "grid.json",
            """
            {"data": [{"name": "a", "train": "rows.tsv", "test_is_dev": \(isDev)}],
             "scorers": ["random"], "thresholders": ["top-k"]}
            """)
        let set = try #require(try ExperimentFile(path: path).data.first)
        let data = try set.rows()
        #expect(data.heldOut == 2 && data.dev.count == 2 && data.train.count == 18)
        #expect(data.emptyRows.map(\.line) == [22])
        #expect(data.test == (isDev ? data.dev : []))
    }
}
