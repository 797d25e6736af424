/// One set of axes and what is drawn in it.
package struct Panel: Sendable {
    /// The heading of this panel alone; may be empty.
    package var title: String
    /// The horizontal axis.
    package var x: Axis
    /// The vertical axis.
    package var y: Axis
    /// What is drawn, the first at the back.
    package var layers: [Layer]

    /// Axes with layers. Layers of one panel have the same kind of axes: values, or the same
    /// categories.
    package init(title: String = "", x: Axis, y: Axis, layers: [Layer]) {
        self.title = title
        self.x = x
        self.y = y
        self.layers = layers
    }
}

/// What an axis measures, and the range that it shows at least. It is widened to hold all data:
/// nothing lies outside of a picture.
package struct Axis: Sendable {
    /// What is measured.
    package var title: String
    /// Its unit, such as `nats`; empty of pure numbers.
    package var unit: String
    /// The range that is shown whatever the data, of axes of values; nil follows the data.
    package var atLeast: ClosedRange<Double>?

    /// An axis by its title.
    ///
    /// - Parameters:
    ///   - title: what is measured; may be empty.
    ///   - unit: its unit, empty of pure numbers.
    ///   - atLeast: the range that is shown whatever the data.
    package init(_ title: String, unit: String = "", atLeast: ClosedRange<Double>? = nil) {
        precondition(
            atLeast.map { $0.lowerBound.isDrawable && $0.upperBound.isDrawable } ?? true,
            "an axis's ends are finite")
        self.title = title
        self.unit = unit
        self.atLeast = atLeast
    }

    /// Title and unit.
    var text: String { unit.isEmpty ? title : "\(title) (\(unit))" }
}

/// One kind of marks in a panel. Lines and scattered points may share axes.
package enum Layer: Sendable {
    /// Bars over bins or categories.
    case bars(Bars)
    /// Violins or box plots by category.
    case distributions(Distributions)
    /// A curve or scattered points.
    case points(Points)
    /// A matrix in greys.
    case heatMap(HeatMap)

    /// A curve with a marker at each point.
    package static func line(_ name: String, _ points: [Points.Point]) -> Layer {
        .points(Points(name: name, points: points, isJoined: true))
    }

    /// Points that are not joined.
    package static func scatter(_ name: String, _ points: [Points.Point]) -> Layer {
        .points(Points(name: name, points: points, isJoined: false))
    }

    /// What the layer draws.
    var content: any LayerContent {
        switch self {
        case .bars(let content): content
        case .distributions(let content): content
        case .points(let content): content
        case .heatMap(let content): content
        }
    }
}

/// What a layer of any kind gives the panel that draws it.
protocol LayerContent: Sendable {
    /// The series' names in order; an empty name has no entry in the legend.
    var names: [String] { get }
    /// How the legend shows the series.
    var legendMark: LegendMark { get }
    /// What the horizontal axis must hold; nil without data.
    var horizontal: Extent? { get }
    /// What the vertical axis must hold; nil without data.
    var vertical: Extent? { get }
    /// Whether nothing can be drawn.
    var isEmpty: Bool { get }
    /// Pixels that are needed above the frame.
    var headroom: Double { get }
    /// Pixels that are needed to the right of the frame.
    var sideRoom: Double { get }
    /// What is not drawn.
    var notes: [String] { get }

    /// Header and rows of the numbers, with the axes' titles.
    func table(x: String, y: String) -> (header: [String], rows: [[String]])

    /// Draws the marks.
    func draw(in plot: Plot, styles: SeriesStyles, on drawing: inout Drawing)

    /// Draws what stands above the marks of all layers.
    func drawLabels(in plot: Plot, on drawing: inout Drawing)
}

extension LayerContent {
    var headroom: Double { 0 }
    var sideRoom: Double { 0 }
    func drawLabels(in plot: Plot, on drawing: inout Drawing) {}
}

/// "1 value is not finite" or "3 values are not finite", without 0.
func notFinite(_ count: Int) -> [String] {
    switch count {
    case 0: []
    case 1: ["1 value is not finite and is left out"]
    default: ["\(count) values are not finite and are left out"]
    }
}
