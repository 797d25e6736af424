import Pictures
import Testing

@Suite("Violins and box plots")
struct DistributionsTests {
    private func picture(_ distributions: Distributions) -> Picture {
        Picture(
            title: "",
            panels: [
                Panel(
                    x: Axis("category"), y: Axis("y", atLeast: 0...10),
                    layers: [.distributions(distributions)])
            ])
    }

    @Test func aBoxHasQuartilesWhiskersAndOutliersAtTheirPlaces() throws {
        // Quartiles 2.5, 3, 4 (type 7); whiskers within 0.25...6.25: to 1 and 5; 7 lies beyond.
        let values: [Double] = [7, 1, 2, 2, 3, 3, 3, 4, 4, 5, .nan, 3]
        let picture = picture(
            Distributions(.boxes, categories: ["a"], series: [.init("", values: [values])]))
        let read = try ReadPicture(picture.svg())
        let frame = try read.frames()[0]
        func y(_ value: Double) -> Double {
            frame.bottom - value / 10 * (frame.bottom - frame.top)
        }
        func isAt(_ y: Double, _ value: Double) -> Bool { abs(y - value) <= 0.11 }
        let box = try read.numbers("quartiles")[0]
        #expect(isAt(box[1], y(4)) && isAt(box[3], y(2.5)))
        #expect(isAt(try read.numbers("median")[0][1], y(3)))
        let ends = try read.numbers("end").map { $0[1] }
        #expect(ends.count == 2 && isAt(ends[0], y(1)) && isAt(ends[1], y(5)))
        let rings = try read.markers()[0]
        #expect(rings.allSatisfy { isSamePlace($0, ((frame.left + frame.right) / 2, y(7))) })
        #expect(try read.texts().contains("11"), "the count of finite numbers")
        #expect(
            picture.tables[0].header == [
                "category", "series", "n", "least", "lower quartile", "median", "upper quartile",
                "largest", "mean",
            ])
        #expect(
            picture.tables[0].rows == [
                ["a", "", "11", "1.000", "2.500", "3.000", "4.000", "7.000", "3.364"]
            ])
    }

    @Test func aViolinGoesFromLeastToLargestAndIsWidestWhereNumbersAreDense() throws {
        let values: [Double] = [2, 2.5, 5.8, 5.9, 6, 6, 6, 6.1, 6.2, 8]
        let read = try ReadPicture(
            picture(
                Distributions(
                    .violins, categories: ["a", "b"], series: [.init("", values: [values, values])])
            ).svg())
        let frame = try read.frames()[0]
        let violins = try read.numbers("violin")
        #expect(violins.count == 2)
        let path = violins[0]
        let points = stride(from: 0, to: path.count, by: 2).map { (x: path[$0], y: path[$0 + 1]) }
        func value(_ y: Double) -> Double { (frame.bottom - y) / (frame.bottom - frame.top) * 10 }
        let heights = points.map { value($0.y) }
        #expect(abs((heights.min() ?? 0) - 2) < 0.01 && abs((heights.max() ?? 0) - 8) < 0.01)
        let widest = try #require(points.max { $0.x < $1.x })
        #expect(abs(value(widest.y) - 6) < 0.15)
        // Both sides are the same.
        let middle = frame.left + (frame.right - frame.left) / 4
        for (left, right) in zip(points, points.reversed()) {
            #expect(abs((middle - left.x) - (right.x - middle)) <= 0.21 && left.y == right.y)
        }
        #expect(try read.numbers("median").count == 2 && read.numbers("quartiles").count == 2)
    }

    /// The density at the ends and in the middle of two heaps of numbers, by hand.
    @Test func theBandwidthIsSilvermans() throws {
        let values: [Double] = [2, 2, 2, 6, 6, 6]
        let read = try ReadPicture(
            picture(
                Distributions(.violins, categories: ["a"], series: [.init("", values: [values])])
            ).svg())
        let path = try read.numbers("violin")[0]
        let frame = try read.frames()[0]
        let middle = (frame.left + frame.right) / 2
        // The second half of the path is the right side.
        let widths = stride(from: path.count / 2, to: path.count, by: 2).map { path[$0] - middle }
        let ends = (widths.first ?? 0, widths.last ?? 0)
        #expect(abs(ends.0 - ends.1) <= 0.11)
        // s = √4.8 is below IQR / 1.34 = 4 / 1.34: the bandwidth is 0.9 √4.8 · 6^(-1/5) = 1.3779.
        // The density is 3 (1 + exp(-½ (4 / 1.3779)²)) = 3.0444 at the ends and
        // 6 exp(-½ (2 / 1.3779)²) = 2.0921 in the middle.
        let least = widths.min() ?? 0
        #expect(abs(least / ends.0 - 2.0921 / 3.0444) < 0.01)
    }

    @Test func fewAndEqualNumbersAreRings() throws {
        for form in [Distributions.Form.violins, .boxes] {
            let read = try ReadPicture(
                picture(
                    Distributions(
                        form, categories: ["four", "one", "none"],
                        series: [.init("", values: [[1, 2, 3, 9], [5], []])])
                ).svg())
            #expect(try read.elements("path", "violin").isEmpty)
            #expect(try read.elements("path", "quartiles").isEmpty)
            #expect(try read.markers().map(\.count) == [4, 2], "one place is written twice")
            #expect(try read.elements("path", "median").count == 2)
            #expect(try read.texts().filter { ["4", "1", "0"].contains($0) }.count >= 3)
        }
        let equal = try ReadPicture(
            picture(
                Distributions(
                    .violins, categories: ["a"],
                    series: [.init("", values: [Array(repeating: 3, count: 9)])])
            ).svg())
        #expect(try equal.elements("path", "violin").isEmpty)
        #expect(try equal.elements("path", "median").count == 1)
    }

    @Test func quartersHoldTheirLowerEndAndTheLastItsUpperToo() {
        let distributions = Distributions.byQuarter(
            .violins,
            [
                (
                    "class",
                    [
                        (0, 1), (0.25, 2), (0.4999, 3), (0.5, 4), (0.75, 5), (1, 6), (1.0000001, 7),
                        (-1e-9, 8),
                    ]
                )
            ])
        #expect(distributions.series[0].values == [[1, 8], [2, 3], [4], [5, 6, 7]])
        let undefined = picture(.byQuarter(.violins, [("class", [(.nan, 1), (0.1, .nan)])]))
        #expect(undefined.notes == ["2 values are not finite and are left out"])
    }

    @Test func seriesStandSideBySideInEachCategory() throws {
        let values: [Double] = [1, 2, 3, 4, 5, 6]
        let read = try ReadPicture(
            picture(
                Distributions(
                    .boxes, categories: ["a", "b"],
                    series: ["x", "y", "z"].map { .init($0, values: [values, values]) })
            ).svg())
        let boxes = try read.numbers("quartiles").map { (left: $0[0], right: $0[2]) }
            .sorted { $0.left < $1.left }
        #expect(boxes.count == 6)
        for (one, next) in zip(boxes, boxes.dropFirst()) { #expect(one.right < next.left) }
    }

    @Test func longNamesOfCategoriesAreBrokenOrTurned() throws {
        func read(_ names: [String]) throws -> ReadPicture {
            try ReadPicture(
                picture(
                    Distributions(
                        .boxes, categories: names,
                        series: [.init("", values: names.map { _ in [1] })])
                ).svg())
        }
        let broken = try read(["sign of gradient × attention", "b", "c", "d", "e", "f"])
        #expect(try broken.texts().contains("sign of"))
        let turned = try read((0..<30).map { "category \($0)" })
        let texts = try turned.elements("text").filter {
            $0.value("transform")?.hasPrefix("rotate(-45") == true
        }
        #expect(texts.count == 30)
    }
}
