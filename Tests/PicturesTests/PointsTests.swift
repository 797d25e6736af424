import Pictures
import Randomness
import Testing

@Suite("Lines and scattered points")
struct PointsTests {
    private func read(_ layers: [Layer]) throws -> ReadPicture {
        let panel = Panel(
            x: Axis("JSD", unit: "nats", atLeast: 0...1), y: Axis("TVD", atLeast: 0...1),
            layers: layers)
        return try ReadPicture(Picture(title: "", panels: [panel]).svg())
    }

    @Test func aPointLiesAtItsPlace() throws {
        let read = try read([.line("", [.init(0, 0), .init(0.25, 1), .init(1, 0.5)])])
        let frame = try read.frames()[0]
        let (width, height) = (frame.right - frame.left, frame.bottom - frame.top)
        let wanted = [
            (frame.left, frame.bottom), (frame.left + width / 4, frame.top),
            (frame.right, frame.bottom - height / 2),
        ]
        let markers = try read.markers()[0]
        #expect(markers.count == 3)
        for (own, wanted) in zip(markers, wanted) { #expect(isSamePlace(own, wanted)) }
        #expect(try read.numbers("line")[0] == markers.flatMap { [$0.x, $0.y] })
    }

    @Test func aLineHasAGapWhereAPointIsNotFinite() throws {
        let points: [Points.Point] = [
            .init(0, 0), .init(0.1, 0.1), .init(0.2, .nan), .init(0.3, 0.3), .init(0.4, 0.4),
        ]
        let read = try read([.line("", points)])
        #expect(try read.paths("line")[0].split(separator: "M").count == 2)
        #expect(try read.markers()[0].count == 4)
    }

    @Test func linesAndPointsShareAxesAndDifferInMarkers() throws {
        let read = try read([
            .scatter("texts", [.init(0.1, 0.2), .init(0.3, 0.3)]),
            .scatter("seeds", [.init(0.5, 0.2), .init(0.6, 0.3)]),
            .line("curve", [.init(0.1, 0.1, label: "λ 0"), .init(0.9, 0.9, label: "λ 1")]),
        ])
        #expect(try read.elements("path", "line").count == 1)
        // Three of the legend, then three series.
        let markers = try read.elements("path", "markers").map {
            $0.value("marker-mid")
        }
        #expect(markers.count == 6 && Set(markers.suffix(3)).count == 3)
        let shapes = try read.elements("marker").compactMap {
            $0.elements(forName: "path").first?.value("d")
        }
        #expect(Set(shapes).count == 3)
        #expect(try read.texts().filter { $0.hasPrefix("λ") } == ["λ 0", "λ 1"])
    }

    @Test func thousandsOfPointsStaySmall() throws {
        var generator = SeededGenerator(seed: 1, stream: "points")
        let points = (0..<20_000).map { _ in
            Points.Point(
                Double.random(in: 0...1, using: &generator),
                Double.random(in: 0...1, using: &generator))
        }
        let panel = Panel(x: Axis("x"), y: Axis("y"), layers: [.scatter("texts", points)])
        let picture = Picture(title: "", panels: [panel])
        #expect(picture.svg().utf8.count < 15 * points.count)
        // In a corner of the axes all lie on few half pixels.
        let narrow = try read([.scatter("", points.map { .init($0.x / 50, $0.y / 50) })])
        let markers = try narrow.markers()[0]
        #expect((100...1_000).contains(markers.count))
        #expect(
            picture.tables[0].header
                == ["series", "measure", "n", "least", "median", "largest", "mean"])
        #expect(
            picture.tables[0].rows.map { Array($0.prefix(3)) } == [
                ["texts", "x", "20000"], ["texts", "y", "20000"],
            ])
    }

    @Test func onePointIsAMarker() throws {
        let read = try read([.scatter("", [.init(0.5, 0.5)])])
        #expect(Set(try read.paths("markers")).count == 1)
        #expect(try !read.texts().contains("no data"))
    }

    /// Labels along a steep and a flat curve, whose boxes are what stands behind them.
    @Test func labelsKeepAwayFromEachOtherAndFromTheFrame() throws {
        let read = try read([
            .line(
                "",
                (0..<12).map {
                    let x = Double($0) / 11
                    return .init(x, x * x * x, label: "λ \($0)e-4")
                })
        ])
        let frame = try read.frames()[0]
        let boxes = try read.numbers("behind")
            .map { (left: $0[0], top: $0[1], right: $0[2], bottom: $0[3]) }
        #expect(boxes.count == 12)
        for (index, box) in boxes.enumerated() {
            #expect(frame.left <= box.left && box.right <= frame.right)
            #expect(frame.top <= box.top && box.bottom <= frame.bottom)
            for other in boxes[..<index] {
                #expect(
                    box.right <= other.left || other.right <= box.left || box.bottom <= other.top
                        || other.bottom <= box.top)
            }
        }
    }

    @Test func fewPointsHaveARowEachInTheTable() {
        let panel = Panel(
            x: Axis("JSD", unit: "nats"), y: Axis("TVD"),
            layers: [.line("curve", [.init(0.5, 0.0001234, label: "λ 1e-4"), .init(1, .infinity)])])
        let table = Picture(title: "", panels: [panel]).tables[0]
        #expect(table.header == ["series", "point", "JSD (nats)", "TVD"])
        #expect(
            table.rows == [
                ["curve", "λ 1e-4", "0.5000", "0.0001234"], ["curve", "", "1.000", "–"],
            ])
    }
}
