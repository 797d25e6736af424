import Errors

/// A matrix in greys, white for the smallest number and dark for the largest, with a scale beside it.
/// A cell without a finite number is crossed out.
package struct HeatMap: Sendable, Hashable {
    /// How many greys there are.
    private static let shades = 32

    /// The rows' names, from the top.
    package let rows: [String]
    /// The columns' names.
    package let columns: [String]
    /// The numbers, row by row.
    package let values: [[Double]]
    /// The range that the greys hold at least.
    package let atLeast: ClosedRange<Double>?
    /// With how many decimals the numbers stand in their cells, where there is room; nil for none.
    package let places: Int?

    /// A matrix with names.
    ///
    /// - Parameters:
    ///   - rows: names from the top.
    ///   - columns: names from the left.
    ///   - values: row by row.
    ///   - atLeast: the range that the greys hold at least.
    ///   - places: the decimals of numbers in cells, 0 to 9; nil for none.
    package init(
        rows: [String], columns: [String], values: [[Double]],
        atLeast: ClosedRange<Double>? = nil, places: Int? = nil
    ) {
        precondition(
            values.count == rows.count && values.allSatisfy { $0.count == columns.count },
            "a number for each row and column")
        precondition(
            atLeast.map { $0.lowerBound.isDrawable && $0.upperBound.isDrawable } ?? true,
            "a scale's ends are finite")
        self.rows = rows
        self.columns = columns
        self.values = values
        self.atLeast = atLeast
        self.places = places
    }

    /// The scale of greys.
    private var ticks: Ticks { Ticks(Extent(values.joined()), atLeast: atLeast, count: 5) }

    /// Which grey a number has: 0 is white.
    private func shade(_ value: Double, _ range: ClosedRange<Double>) -> Int {
        let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
        return min(Self.shades - 1, Int(share * Double(Self.shades)))
    }

    /// The colour of a grey.
    private func colour(_ shade: Int) -> String {
        let hex = String(255 - shade * 215 / (Self.shades - 1), radix: 16)
        return "#" + hex + hex + hex
    }
}

extension HeatMap: LayerContent {
    var names: [String] { [] }
    var legendMark: LegendMark { .own }
    var horizontal: Extent? { .categories(columns) }
    var vertical: Extent? { .categories(rows) }
    var isEmpty: Bool { !values.joined().contains(where: \.isDrawable) }
    var notes: [String] { notFinite(values.joined().count { !$0.isDrawable }) }

    var sideRoom: Double {
        36 + (ticks.labels.map { textWidth($0, size: FontSize.tick) }.max() ?? 0)
    }

    func table(x: String, y: String) -> (header: [String], rows: [[String]]) {
        (
            [y.isEmpty || x.isEmpty ? y + x : "\(y) \\ \(x)"] + columns,
            zip(rows, values).map { [$0] + $1.map(significantText) }
        )
    }

    /// Cells of one grey are one path, and equal neighbours in a row one rectangle.
    func draw(in plot: Plot, styles: SeriesStyles, on drawing: inout Drawing) {
        let range = ticks.range
        let shades = values.map { $0.map { $0.isDrawable ? shade($0, range) : nil } }
        var paths = [String](repeating: "", count: Self.shades)
        var crosses = ""
        func left(_ column: Int) -> Double { plot.x.position(Double(column) - 0.5) }
        for (row, shades) in shades.enumerated() {
            let top = plot.y.position(Double(row) - 0.5)
            let bottom = plot.y.position(Double(row) + 0.5)
            var column = 0
            while column < shades.count {
                let first = column
                column += 1
                guard let shade = shades[first] else {
                    crosses += "M\(point(left(first), top))L\(point(left(column), bottom))"
                    crosses += "M\(point(left(column), top))L\(point(left(first), bottom))"
                    continue
                }
                while column < shades.count, shades[column] == shade { column += 1 }
                paths[shade] +=
                    "M\(point(left(first), top))H\(coordinate(left(column)))"
                    + "V\(coordinate(bottom))H\(coordinate(left(first)))z"
            }
        }
        for (shade, path) in paths.enumerated() where !path.isEmpty {
            drawing.element(
                "path",
                [
                    "class": "cells", "d": path, "fill": colour(shade),
                    "shape-rendering": "crispEdges",
                ])
        }
        if !crosses.isEmpty {
            drawing.path("crosses", crosses, stroke: "#000")
        }
        drawNumbers(in: plot, shades, on: &drawing)
        drawScale(beside: plot, on: &drawing)
    }

    private func drawNumbers(in plot: Plot, _ shades: [[Int?]], on drawing: inout Drawing) {
        guard let places, plot.y.slot >= FontSize.tick + 2 else { return }
        for (row, shades) in shades.enumerated() {
            for (column, shade) in shades.enumerated() {
                guard let shade else { continue }
                let text = withMinusSign(decimalText(values[row][column], places: places))
                guard textWidth(text, size: FontSize.tick) <= plot.x.slot - 2 else { continue }
                let (x, y) = plot.place(Double(column), Double(row))
                drawing.text(
                    text, x: x, y: y + 4, size: FontSize.tick, anchor: .middle,
                    fill: shade > Self.shades / 2 ? "#fff" : "#000")
            }
        }
    }

    private func drawScale(beside plot: Plot, on drawing: inout Drawing) {
        let scale = Scale(ticks: ticks, start: plot.lower, end: plot.upper)
        let greys = drawing.reference(
            "greys", "linearGradient", ["x1": "0", "y1": "1", "x2": "0", "y2": "0"],
            content: "<stop stop-color=\"\(colour(0))\"/>"
                + "<stop offset=\"1\" stop-color=\"\(colour(Self.shades - 1))\"/>")
        drawing.rectangle(
            "greys", left: plot.right + 12, top: plot.upper, right: plot.right + 24,
            bottom: plot.lower, fill: greys)
        for (value, label) in zip(ticks.values, ticks.labels) {
            let y = scale.position(value)
            drawing.line("tick", (plot.right + 24, y), (plot.right + 28, y))
            drawing.text(label, x: plot.right + 31, y: y + 4, size: FontSize.tick)
        }
    }
}
