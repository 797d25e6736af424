import Pictures
import Testing

@Suite("Bars and histograms")
struct BarsTests {
    @Test func aHistogramCountsSharesOfItsOwnSeries() {
        let bars = Bars.histogram(
            of: [("a", [-1, -0.5, 0, 0.99, 1, .nan]), ("b", [0.2, 7])], bins: 4, range: -1...1)
        #expect(bars.bins == .edges([-1, -0.5, 0, 0.5, 1]))
        // Lower edges count to their bins, the last upper edge too; 7 counts in N alone.
        #expect(bars.series.map(\.heights) == [[0.2, 0.2, 0.2, 0.4], [0, 0, 0.5, 0]])
        let picture = Picture(
            title: "", panels: [Panel(x: Axis("x"), y: Axis("y"), layers: [.bars(bars)])])
        #expect(
            picture.notes == [
                "1 value is not finite and is left out", "values outside of all bins: 1",
            ])
    }

    /// Each edge counts to the bin above it, and the number before it to the bin below.
    @Test func edgesDecideInWhichBinAValueLies() {
        for count in [3, 7, 30, 49, 100] {
            let empty = Bars.histogram(of: [], bins: count, range: -0.1...0.3)
            guard case .edges(let edges) = empty.bins else { return }
            for (bin, edge) in edges.dropLast().enumerated() {
                let values = bin == 0 ? [edge, edge] : [edge.nextDown, edge]
                let bars = Bars.histogram(of: [("", values)], bins: count, range: -0.1...0.3)
                let heights = bars.series[0].heights
                #expect(bin == 0 ? heights[0] == 1 : heights[bin] == 0.5, "\(edge)")
                #expect(bin == 0 || heights[bin - 1] == 0.5, "just below \(edge)")
            }
        }
    }

    @Test func histogramsLieOverOneAnotherWithTheirOwnOutlineAndHatching() throws {
        let bars = Bars(
            bins: .edges([0, 1, 2]),
            series: [.init("a", heights: [1, 0.5]), .init("b", heights: [0, 1])])
        let panel = Panel(x: Axis("x"), y: Axis("y", atLeast: 0...1), layers: [.bars(bars)])
        let read = try ReadPicture(Picture(title: "", panels: [panel]).svg())
        let frame = try read.frames()[0]
        let numbers = try read.numbers("bars")
        let middle = (frame.left + frame.right) / 2, half = (frame.top + frame.bottom) / 2
        // Up and right for each bin, from the ground and back to it.
        let wanted = [
            [frame.left, frame.bottom, frame.top, middle, half, frame.right, frame.bottom],
            [frame.left, frame.bottom, frame.bottom, middle, frame.top, frame.right, frame.bottom],
        ]
        for (own, wanted) in zip(numbers, wanted) {
            #expect(own.count == wanted.count)
            for (own, wanted) in zip(own, wanted) { #expect(abs(own - wanted) <= 0.11) }
        }
        let paths = try read.elements("path", "bars")
        for name in ["fill", "stroke", "stroke-dasharray"] {
            let values = paths.map { $0.value(name) }
            #expect(Set(values).count == 2, "\(name)")
        }
        #expect(try read.elements("pattern").count == 1)
    }

    @Test func barsOverCategoriesStandSideBySide() throws {
        let bars = Bars(
            bins: .categories(["one", "two"]),
            series: [.init("a", heights: [1, 2]), .init("b", heights: [3, 4])])
        let panel = Panel(x: Axis("x"), y: Axis("y"), layers: [.bars(bars)])
        let picture = Picture(title: "", panels: [panel])
        let paths = try ReadPicture(picture.svg()).numbers("bars")
        // Left edge, ground, top, right edge, ground, twice.
        let (a, b) = (paths[0], paths[1])
        #expect(a[3] < b[0] && b[3] < a[5] && a[8] < b[5])
        #expect(b[7] < b[2] && b[2] < a[7] && a[7] < a[2])
        #expect(
            picture.tables == [picture.tables[0]]
                && picture.tables[0].header == ["x", "a", "b"]
                && picture.tables[0].rows == [
                    ["one", "1.000", "3.000"], ["two", "2.000", "4.000"],
                ])
    }

    @Test func theTableNamesBins() {
        let bars = Bars(bins: .edges([-1, 0, 1e-7]), series: [.init("", heights: [0.25, .nan])])
        let panel = Panel(
            title: "taus", x: Axis("tau"), y: Axis("share", unit: "texts"), layers: [.bars(bars)])
        let table = Picture(title: "", panels: [panel]).tables[0]
        #expect(table.title == "taus" && table.header == ["tau", "share (texts)"])
        #expect(table.rows == [["-1.000 to 0", "0.2500"], ["0 to 1.000e-7", "–"]])
    }
}
