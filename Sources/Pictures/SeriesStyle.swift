/// How the legend shows a series.
enum LegendMark {
    /// A filled area.
    case area
    /// A dashed line with a marker.
    case line
    /// A marker.
    case marker
    /// Nothing: the layer has a legend of its own.
    case own
}

/// The style of each series of a picture: by its name, in the order of first appearance.
struct SeriesStyles {
    private let places: [String: Int]

    /// Styles for series, of which several may have the same name.
    init(names: [String]) {
        var places: [String: Int] = [:]
        for name in names where places[name] == nil { places[name] = places.count }
        self.places = places
    }

    /// The style of a series.
    subscript(name: String) -> SeriesStyle { SeriesStyle(place: places[name] ?? 0) }
}

/// How one series is drawn. Six styles, which then come again; each differs from the others in
/// colour (Okabe and Ito's palette for the colour-blind, 2008), hatching, dashes and marker.
struct SeriesStyle {
    private static let colours = [
        "#0072b2", "#d55e00", "#007a5a", "#000000", "#a8508c", "#7a6000",
    ]
    private static let dashes = ["none", "7 3", "2 2", "9 3 2 3", "12 4", "5 2 1 2 1 2"]
    /// The shapes of markers within -4...4.
    private static let shapes = [
        "M-4,0a4,4 0 1 0 8,0a4,4 0 1 0-8,0z", "M-3.5-3.5h7v7h-7z", "M0-4.5L4.3,3.5h-8.6z",
        "M0-5L5,0 0,5-5,0z", "M-4-4L4,4M4-4L-4,4", "M0-5V5M-5,0H5",
    ]
    /// The hatchings, on a square of 6 pixels; the first style is an even tint.
    private static let hatchings = [
        "", "M-1,1l2-2M0,6l6-6M5,7l2-2", "M-1,5l2,2M0,0l6,6M5-1l2,2", "M3,2v2", "M0,3h6M3,0v6",
        "M0,3h6",
    ]
    private static let tint = "#bfdcec"

    private let place: Int
    private var shape: Int

    /// The style at a place in the order of the series.
    init(place: Int) {
        self.place = place % Self.colours.count
        shape = self.place
    }

    /// The same style with rings as markers.
    var withRings: SeriesStyle {
        var style = self
        style.shape = 0
        return style
    }

    /// The colour of outlines, lines and markers.
    var colour: String { Self.colours[place] }

    /// The dashes of outlines and lines.
    var dashes: String { Self.dashes[place] }

    /// What areas are filled with. Only the first style hides what is behind it.
    func fill(on drawing: inout Drawing) -> String {
        guard place > 0 else { return Self.tint }
        return drawing.reference(
            "hatching\(place)", "pattern",
            ["width": "6", "height": "6", "patternUnits": "userSpaceOnUse"],
            content: "<path d=\"\(Self.hatchings[place])\" stroke=\"\(colour)\""
                + " stroke-width=\"\(place == 3 ? 2 : 1)\"/>")
    }

    /// The marker of points.
    ///
    /// - Parameters:
    ///   - size: 4 is the size of markers on lines.
    ///   - isOpaque: whether it hides what is behind it.
    func marker(size: Double, isOpaque: Bool, on drawing: inout Drawing) -> String {
        let tenths = Int((size * 10).rounded())
        let side = coordinate(size * 3)
        return drawing.reference(
            "marker\(place)-\(shape)-\(tenths)\(isOpaque ? "" : "-open")", "marker",
            [
                "viewBox": "-6 -6 12 12", "markerWidth": side, "markerHeight": side,
                "markerUnits": "userSpaceOnUse", "overflow": "visible",
            ],
            content: "<path d=\"\(Self.shapes[shape])\" stroke=\"\(colour)\""
                + " stroke-width=\"\(coordinate(max(1.2, 4 / size)))\""
                + " fill=\"\(isOpaque ? "#fff" : "none")\"/>")
    }

    /// Paints a marker at each place.
    func drawMarkers(
        _ places: [(x: Double, y: Double)], size: Double, isOpaque: Bool, on drawing: inout Drawing
    ) {
        guard let first = places.first else { return }
        // One place is no path: it is written twice.
        let path = (places.count == 1 ? [first, first] : places)
        let marker = marker(size: size, isOpaque: isOpaque, on: &drawing)
        drawing.element(
            "path",
            [
                "class": "markers",
                "d": "M" + path.map { point($0.x, $0.y) }.joined(separator: " "),
                "marker-start": marker, "marker-mid": marker, "marker-end": marker,
            ])
    }

    /// Paints the legend's sample, 28 pixels wide, around the height `y`.
    func drawSample(_ mark: LegendMark, x: Double, y: Double, on drawing: inout Drawing) {
        switch mark {
        case .area:
            let fill = fill(on: &drawing)
            drawing.path(
                "sample", "M\(point(x, y - 7))h28v14h-28z", fill: fill, stroke: colour, width: 1.5,
                dashes: dashes)
        case .line:
            drawing.path(
                "sample", "M\(point(x, y))h28", stroke: colour, width: 1.8, dashes: dashes)
            drawMarkers([(x + 14, y)], size: 4, isOpaque: true, on: &drawing)
        case .marker: drawMarkers([(x + 14, y)], size: 4, isOpaque: false, on: &drawing)
        case .own: break
        }
    }
}
