import Pictures
import Testing

@Suite("Heat maps")
struct HeatMapTests {
    private func picture(_ map: HeatMap) -> Picture {
        Picture(
            title: "",
            panels: [Panel(x: Axis("key"), y: Axis("query"), layers: [.heatMap(map)])])
    }

    @Test func greysFollowTheNumbers() throws {
        let read = try ReadPicture(
            picture(
                HeatMap(
                    rows: ["a", "b"], columns: ["x", "y", "z"],
                    values: [[0, 0.5, 1], [1, 1, 0]], places: 1)
            ).svg())
        let cells = try read.elements("path", "cells")
        let fills = cells.map { $0.value("fill") }
        #expect(fills.count == 3 && fills.first == "#ffffff" && fills.last == "#282828")
        // Two white cells; one grey; of the three dark ones two are neighbours.
        #expect(try read.paths("cells").map { $0.count { $0 == "z" } } == [2, 1, 2])
        let frame = try read.frames()[0]
        let dark = try read.numbers("cells")[2]
        let third = (frame.right - frame.left) / 3
        let middle = (frame.top + frame.bottom) / 2
        // The upper right cell, then the two on the lower left: x, y, right, bottom, x.
        for (own, wanted) in zip(
            dark,
            [
                frame.right - third, frame.top, frame.right, middle, frame.right - third,
                frame.left, middle, frame.left + 2 * third, frame.bottom, frame.left,
            ])
        { #expect(abs(own - wanted) <= 0.11) }
        let numbers = try read.elements("text").filter { ["0.0", "1.0"].contains($0.stringValue) }
        let colours = numbers.map { $0.value("fill") }
        #expect(colours.count { $0 == "#fff" } == 3, "white on the dark cells")
    }

    @Test func aCellWithoutANumberIsCrossedOut() throws {
        let picture = picture(
            HeatMap(rows: ["a"], columns: ["x", "y"], values: [[.nan, -0.25]], places: 2))
        let read = try ReadPicture(picture.svg())
        #expect(try read.paths("crosses").map { $0.count { $0 == "M" } } == [2])
        #expect(try read.texts().contains("−0.25"))
        #expect(picture.tables[0].header == ["query \\ key", "x", "y"])
        #expect(picture.tables[0].rows == [["a", "–", "-0.2500"]])
    }

    @Test func namesAndNumbersThatHaveNoRoomAreLeftOut() throws {
        let names = (0..<100).map { "w\($0)" }
        let values = names.indices.map { row in names.indices.map { Double(row * $0) } }
        let picture = picture(HeatMap(rows: names, columns: names, values: values, places: 0))
        let read = try ReadPicture(picture.svg())
        let texts = try read.texts()
        #expect(texts.contains("w0") && !texts.contains("w1"))
        #expect(!texts.contains("9801"))
        #expect(picture.svg().utf8.count < 30 * 10_000)
    }

    @Test func theScaleHoldsTheRangeThatIsGiven() throws {
        let read = try ReadPicture(
            picture(HeatMap(rows: ["a"], columns: ["x"], values: [[0]], atLeast: -1...1)).svg())
        let texts = try read.texts()
        #expect(texts.contains("−1.0") && texts.contains("1.0"))
        let fill = try read.elements("path", "cells")[0].value("fill")
        #expect(fill == "#919191" || fill == "#909090", "the middle grey")
    }
}
