/// Points of one series, joined to a curve or scattered.
///
/// Of thousands of scattered points the markers are smaller, and of those on the same half pixel one
/// is drawn, so that the file stays small.
package struct Points: Sendable, Hashable {
    /// One point.
    package struct Point: Sendable, Hashable {
        /// The horizontal value.
        package let x: Double
        /// The vertical value.
        package let y: Double
        /// What stands beside the marker; may be empty.
        package let label: String

        /// A point by its place.
        package init(_ x: Double, _ y: Double, label: String = "") {
            self.x = x
            self.y = y
            self.label = label
        }

        /// Whether both values can be placed on axes.
        var isDrawable: Bool { x.isDrawable && y.isDrawable }
    }

    /// More points than this are given in a table by their summary.
    private static let mostRows = 50

    /// What the legend calls the series; may be empty.
    package let name: String
    /// The points, in the order in which they are joined.
    package let points: [Point]
    /// Whether a line joins them. It has a gap at a point that is not finite.
    package let isJoined: Bool

    /// Points with a name.
    package init(name: String, points: [Point], isJoined: Bool) {
        self.name = name
        self.points = points
        self.isJoined = isJoined
    }
}

extension Points: LayerContent {
    var names: [String] { [name] }
    var legendMark: LegendMark { isJoined ? .line : .marker }
    var horizontal: Extent? { Extent(usable.lazy.map(\.x)) }
    var vertical: Extent? { Extent(usable.lazy.map(\.y)) }
    var isEmpty: Bool { usable.isEmpty }
    var notes: [String] { notFinite(points.count - usable.count) }
    private var usable: [Point] { points.filter(\.isDrawable) }

    func table(x: String, y: String) -> (header: [String], rows: [[String]]) {
        guard points.count > Self.mostRows else {
            return (
                ["series", "point", x, y],
                points.map {
                    [name, $0.label, significantText($0.x), significantText($0.y)]
                }
            )
        }
        func row(_ title: String, _ values: [Double]) -> [String] {
            let summary = DistributionSummary(values)
            return [name, title, String(values.count)]
                + [summary?.least, summary?.median, summary?.largest, summary?.mean].map {
                    significantText($0 ?? .nan)
                }
        }
        return (
            ["series", "measure", "n", "least", "median", "largest", "mean"],
            [row(x, usable.map(\.x)), row(y, usable.map(\.y))]
        )
    }

    func draw(in plot: Plot, styles: SeriesStyles, on drawing: inout Drawing) {
        let style = styles[name]
        if isJoined {
            let pieces = points.split { !$0.isDrawable }.map { piece in
                "M"
                    + piece.map { point(plot.x.position($0.x), plot.y.position($0.y)) }
                    .joined(separator: " ")
            }
            drawing.path(
                "line", pieces.joined(), stroke: style.colour, width: 1.8, dashes: style.dashes)
        }
        let places = distinct(usable.map { plot.place($0.x, $0.y) })
        let size: Double =
            switch places.count {
            case _ where isJoined: 4
            case ...100: 3.5
            case ...1_000: 2.5
            default: 1.6
            }
        style.drawMarkers(places, size: size, isOpaque: isJoined, on: &drawing)
    }

    /// Puts each label to that side of its marker where it covers the least of the series' own line
    /// and markers, of earlier labels, and of what lies outside of the frame.
    func drawLabels(in plot: Plot, on drawing: inout Drawing) {
        let places = usable.map { plot.place($0.x, $0.y) }
        var obstacles = places
        if isJoined {
            for (from, to) in zip(places, places.dropFirst()) {
                obstacles += (1..<12).map {
                    let share = Double($0) / 12
                    return (from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share)
                }
            }
        }
        var taken: [Box] = []
        for (place, label) in zip(places, usable.map(\.label)) where !label.isEmpty {
            let text = fitted(label, width: 110, size: FontSize.tick)
            let boxes = Box.around(
                place, width: textWidth(text, size: FontSize.tick), height: FontSize.tick)
            func cost(_ box: Box) -> Int {
                obstacles.count { box.contains($0) } + 20 * taken.count { box.overlaps($0) }
                    + (box.isInside(plot) ? 0 : 100)
            }
            // The first of the best; there are always eight.
            guard let best = boxes.min(by: { cost($0) < cost($1) }) else { continue }
            taken.append(best)
            drawing.element(
                "path",
                [
                    "class": "behind", "fill": "#fff", "fill-opacity": "0.8",
                    "d": "M\(point(best.left, best.top))H\(coordinate(best.right))"
                        + "V\(coordinate(best.bottom))H\(coordinate(best.left))z",
                ])
            drawing.text(
                label, x: (best.left + best.right) / 2, y: best.bottom - 2, size: FontSize.tick,
                anchor: .middle, width: 110)
        }
    }
}

/// The room of a label on the page.
private struct Box {
    let left, top, right, bottom: Double

    /// Eight places around a marker: the corners first, then the sides.
    static func around(_ marker: (x: Double, y: Double), width: Double, height: Double) -> [Box] {
        [(-1, -1), (1, 1), (1, -1), (-1, 1), (0, -1), (0, 1), (1, 0), (-1, 0)].map {
            (side: (x: Double, y: Double)) in
            let distance: (x: Double, y: Double) = side.y == 0 ? (7, 0) : (side.x == 0 ? 0 : 4, 6)
            let x = marker.x + side.x * (width / 2 + distance.x)
            let y = marker.y + side.y * (height / 2 + distance.y)
            return Box(
                left: x - width / 2, top: y - height / 2, right: x + width / 2,
                bottom: y + height / 2)
        }
    }

    func contains(_ place: (x: Double, y: Double)) -> Bool {
        left - 2 < place.x && place.x < right + 2 && top - 2 < place.y && place.y < bottom + 2
    }

    func overlaps(_ other: Box) -> Bool {
        left < other.right && other.left < right && top < other.bottom && other.top < bottom
    }

    func isInside(_ plot: Plot) -> Bool {
        plot.left + 2 < left && right < plot.right - 2 && plot.upper + 2 < top
            && bottom < plot.lower - 2
    }
}
