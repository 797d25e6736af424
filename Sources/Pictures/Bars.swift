/// Bars of several series over the same bins: outlines over one another over bins of a range, as a
/// histogram is drawn, and side by side over categories.
package struct Bars: Sendable, Hashable {
    /// What bars stand on.
    package enum Bins: Sendable, Hashable {
        /// Bins side by side: one edge more than bins, in ascending order.
        case edges([Double])
        /// Names.
        case categories([String])

        /// How many bars a series has.
        var count: Int {
            switch self {
            case .edges(let edges): edges.count - 1
            case .categories(let names): names.count
            }
        }
    }

    /// The bars of one series.
    package struct Series: Sendable, Hashable {
        /// What the legend calls it; empty of a single series.
        package let name: String
        /// One height for each bin.
        package let heights: [Double]

        /// Bars with a name.
        package init(_ name: String, heights: [Double]) {
            self.name = name
            self.heights = heights
        }
    }

    /// What the bars stand on.
    package let bins: Bins
    /// The series, the first at the back.
    package let series: [Series]
    /// What was left out in counting.
    private var counted: [String] = []

    /// Bars with known heights.
    package init(bins: Bins, series: [Series]) {
        if case .edges(let edges) = bins {
            precondition(
                edges.count > 1 && edges.allSatisfy(\.isDrawable)
                    && zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 },
                "two or more finite edges in ascending order")
        }
        precondition(
            series.allSatisfy { $0.heights.count == bins.count }, "one height for each bin")
        self.bins = bins
        self.series = series
    }

    /// The shares of values in bins of equal width: each counts 1/N, with N the finite values of its
    /// own series, so that series of different size can be compared. A bin holds its lower edge, the
    /// last its upper one too, as in NumPy's `histogram`.
    ///
    /// Values that are not finite count in no bin and not in N; those outside of the range count in
    /// N alone. A note of the picture says how many there are.
    ///
    /// - Parameters:
    ///   - samples: values by the series' name.
    ///   - count: the number of bins.
    ///   - range: from the first bin's edge to the last's.
    package static func histogram(
        of samples: [(name: String, values: [Double])], bins count: Int, range: ClosedRange<Double>
    ) -> Bars {
        precondition(count > 0 && range.lowerBound < range.upperBound, "bins with a width")
        let width = range.upperBound - range.lowerBound
        let edges = (0...count).map {
            $0 == count ? range.upperBound : range.lowerBound + width * Double($0) / Double(count)
        }
        var (unusable, outside) = (0, 0)
        let series = samples.map { sample in
            let usable = sample.values.filter(\.isDrawable)
            unusable += sample.values.count - usable.count
            var counts = [Int](repeating: 0, count: count)
            for value in usable {
                guard range.contains(value) else {
                    outside += 1
                    continue
                }
                var bin = min(
                    count - 1, Int((value - range.lowerBound) / width * Double(count)))
                // The quotient is rounded; the edges decide.
                if value < edges[bin] { bin -= 1 }
                if bin < count - 1, value >= edges[bin + 1] { bin += 1 }
                counts[bin] += 1
            }
            return Series(
                sample.name, heights: counts.map { Double($0) / Double(max(1, usable.count)) })
        }
        var bars = Bars(bins: .edges(edges), series: series)
        bars.counted = notFinite(unusable)
        if outside > 0 { bars.counted.append("values outside of all bins: \(outside)") }
        return bars
    }
}

extension Bars: LayerContent {
    var names: [String] { series.map(\.name) }
    var legendMark: LegendMark { .area }

    var horizontal: Extent? {
        switch bins {
        case .edges(let edges): Extent(edges)
        case .categories(let names): .categories(names)
        }
    }

    var vertical: Extent? { isEmpty ? nil : Extent(series.flatMap(\.heights) + [0]) }

    /// A histogram of no values has bars without height.
    var isEmpty: Bool {
        series.allSatisfy { $0.heights.allSatisfy { !$0.isDrawable || $0 == 0 } }
    }

    var notes: [String] {
        counted + notFinite(series.reduce(0) { $0 + $1.heights.count { !$0.isDrawable } })
    }

    func table(x: String, y: String) -> (header: [String], rows: [[String]]) {
        let bars: [[String]]
        switch bins {
        case .edges(let edges):
            bars = zip(edges, edges.dropFirst()).map {
                ["\(significantText($0)) to \(significantText($1))"]
            }
        case .categories(let names): bars = names.map { [$0] }
        }
        return (
            [x] + series.map { $0.name.isEmpty ? y : $0.name },
            bars.enumerated().map { index, name in
                name + series.map { significantText($0.heights[index]) }
            }
        )
    }

    func draw(in plot: Plot, styles: SeriesStyles, on drawing: inout Drawing) {
        let ground = coordinate(plot.y.position(0))
        for (place, series) in series.enumerated() {
            let tops = series.heights.map {
                coordinate(plot.y.position($0.isDrawable ? $0 : 0))
            }
            var path: String
            switch bins {
            case .edges(let edges):
                path = "M\(coordinate(plot.x.position(edges[0]))),\(ground)"
                for (top, edge) in zip(tops, edges.dropFirst()) {
                    path += "V\(top)H\(coordinate(plot.x.position(edge)))"
                }
                path += "V\(ground)z"
            case .categories:
                let width = plot.x.slot * 0.8 / Double(self.series.count)
                path = tops.enumerated().map { index, top in
                    let middle = plot.x.position(Double(index))
                    let left = middle - plot.x.slot * 0.4 + Double(place) * width
                    return "M\(coordinate(left)),\(ground)V\(top)"
                        + "H\(coordinate(left + width * 0.9))V\(ground)z"
                }.joined()
            }
            let style = styles[series.name]
            let fill = style.fill(on: &drawing)
            drawing.path(
                "bars", path, fill: fill, stroke: style.colour, width: 1.5, dashes: style.dashes)
        }
    }
}
