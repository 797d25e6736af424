/// Distributions of numbers by category and series, side by side: as violins or as box plots, with
/// the count of numbers above each.
///
/// A violin's outline is the kernel density from the smallest to the largest number
/// (``DistributionSummary/density(places:)`` states the bandwidth); each violin is as wide as its
/// place at its highest density. A narrow box in it goes from quartile to quartile, with a bar at the
/// median. A box plot has whiskers to the outermost numbers within 1.5 interquartile ranges of the
/// quartiles, and a ring for each number beyond. Fewer than five numbers, and in place of a violin
/// equal ones, are drawn as rings, with a bar at the median.
package struct Distributions: Sendable, Hashable {
    /// How distributions are drawn.
    package enum Form: Sendable, Hashable {
        /// As kernel densities.
        case violins
        /// As boxes with whiskers.
        case boxes
    }

    /// The numbers of one series.
    package struct Series: Sendable, Hashable {
        /// What the legend calls it; empty of a single series.
        package let name: String
        /// Numbers for each category.
        package let values: [[Double]]

        /// Numbers with a name.
        package init(_ name: String, values: [[Double]]) {
            self.name = name
            self.values = values
        }
    }

    /// Below this many numbers they are drawn themselves.
    private static let fewest = 5

    /// How distributions are drawn.
    package let form: Form
    /// The names below the axis.
    package let categories: [String]
    /// The series, from left to right in each category.
    package let series: [Series]

    /// Distributions over categories.
    package init(_ form: Form, categories: [String], series: [Series]) {
        precondition(
            series.allSatisfy { $0.values.count == categories.count },
            "numbers for each category")
        self.form = form
        self.categories = categories
        self.series = series
    }

    /// Distributions of a measure by quarters of a share such as the largest attention weight: from
    /// 0 to below ¼, and so on, the last with 1 (Jain & Wallace 2019, figure 6; `common_code/
    /// plotting.py` of `successar/AttentionExplanation`).
    ///
    /// - Parameter series: by the series' name, pairs of the share and the measure. A share beyond
    ///   0...1 counts in the nearest quarter; a pair whose share is not a number is left out and
    ///   counted, as one is whose measure is not finite.
    package static func byQuarter(
        _ form: Form, _ series: [(name: String, points: [(share: Double, value: Double)])]
    ) -> Distributions {
        Distributions(
            form, categories: ["0–0.25", "0.25–0.5", "0.5–0.75", "0.75–1"],
            series: series.map { series in
                var values = [[Double]](repeating: [], count: 4)
                for (share, value) in series.points {
                    let quarter = share.isNaN ? 0 : Int(max(0, min(3, share * 4)))
                    values[quarter].append(share.isNaN ? .nan : value)
                }
                return Series(series.name, values: values)
            })
    }
}

extension Distributions: LayerContent {
    var names: [String] { series.map(\.name) }
    var legendMark: LegendMark { .area }
    var horizontal: Extent? { .categories(categories) }
    var vertical: Extent? { Extent(series.lazy.flatMap { $0.values.joined() }) }
    var isEmpty: Bool { vertical == nil }
    var headroom: Double { 16 }

    var notes: [String] {
        notFinite(series.reduce(0) { $0 + $1.values.joined().count { !$0.isDrawable } })
    }

    func table(x: String, y: String) -> (header: [String], rows: [[String]]) {
        (
            [
                x, "series", "n", "least", "lower quartile", "median", "upper quartile", "largest",
                "mean",
            ],
            categories.indices.flatMap { category in
                series.map { series in
                    let values = series.values[category].filter(\.isDrawable)
                    let numbers =
                        DistributionSummary(values).map {
                            [
                                $0.least, $0.lowerQuartile, $0.median, $0.upperQuartile,
                                $0.largest, $0.mean,
                            ]
                        } ?? Array(repeating: .nan, count: 6)
                    return [categories[category], series.name, String(values.count)]
                        + numbers.map(significantText)
                }
            }
        )
    }

    func draw(in plot: Plot, styles: SeriesStyles, on drawing: inout Drawing) {
        let width = plot.x.slot * 0.9 / Double(series.count)
        for (place, series) in series.enumerated() {
            let style = styles[series.name]
            for (category, values) in series.values.enumerated() {
                let middle =
                    plot.x.position(Double(category))
                    + (Double(place) - Double(self.series.count - 1) / 2) * width
                let usable = values.filter(\.isDrawable)
                let count = String(usable.count)
                if textWidth(count, size: 9) < width {
                    drawing.text(count, x: middle, y: plot.upper - 4, size: 9, anchor: .middle)
                }
                guard let summary = DistributionSummary(usable) else { continue }
                // At most 60 pixels to each side.
                let half = min(60, width * 0.45)
                let violin = SingleDistribution(
                    summary: summary, middle: middle, half: half, scale: plot.y, style: style)
                switch form {
                case _ where usable.count < Self.fewest: violin.drawNumbers(on: &drawing)
                case .violins: violin.drawViolin(on: &drawing)
                case .boxes: violin.drawBox(on: &drawing)
                }
            }
        }
    }
}

/// One violin or box on the page.
private struct SingleDistribution {
    let summary: DistributionSummary
    /// The middle and half of the width, in pixels.
    let middle, half: Double
    let scale: Scale
    let style: SeriesStyle

    func drawNumbers(on drawing: inout Drawing) {
        drawRings(summary.sorted, on: &drawing)
        drawMedian(half: half * 0.6, on: &drawing)
    }

    func drawViolin(on drawing: inout Drawing) {
        let outline = summary.density(places: 48)
        guard let highest = outline.map(\.density).max() else { return drawNumbers(on: &drawing) }
        let sides = [-1.0, 1.0].map { side in
            outline.map { value, density in
                point(middle + side * half * density / highest, scale.position(value))
            }
        }
        let fill = style.fill(on: &drawing)
        drawing.path(
            "violin", "M" + (sides[0] + sides[1].reversed()).joined(separator: " ") + "z",
            fill: fill, stroke: style.colour, width: 1.2)
        let box = min(3, half / 3)
        drawBox(half: box, fill: "#fff", on: &drawing)
        drawMedian(half: box * 2.5, on: &drawing)
    }

    func drawBox(on drawing: inout Drawing) {
        let half = min(28, half)
        let (lower, upper) = summary.whiskers
        for (quartile, end) in [
            (summary.lowerQuartile, lower), (summary.upperQuartile, upper),
        ] {
            let y = scale.position(end)
            drawing.line("whisker", (middle, scale.position(quartile)), (middle, y))
            drawing.line("end", (middle - half / 2, y), (middle + half / 2, y))
        }
        let fill = style.fill(on: &drawing)
        drawBox(half: half, fill: fill, on: &drawing)
        drawMedian(half: half, on: &drawing)
        drawRings(summary.outliers, on: &drawing)
    }

    private func drawBox(half: Double, fill: String, on drawing: inout Drawing) {
        drawing.rectangle(
            "quartiles", left: middle - half, top: scale.position(summary.upperQuartile),
            right: middle + half, bottom: scale.position(summary.lowerQuartile), fill: fill)
    }

    private func drawMedian(half: Double, on drawing: inout Drawing) {
        let y = scale.position(summary.median)
        drawing.line("median", (middle - half, y), (middle + half, y), width: 2.5)
    }

    private func drawRings(_ values: [Double], on drawing: inout Drawing) {
        style.withRings.drawMarkers(
            distinct(values.map { (middle, scale.position($0)) }), size: 2.5, isOpaque: false,
            on: &drawing)
    }
}
