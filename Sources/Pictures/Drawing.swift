/// An SVG file in the making: elements in the order in which they are painted, and the hatchings and
/// markers that they refer to. Attributes are this module's own texts and numbers; what comes from
/// data is only ever character data, and is escaped here.
struct Drawing {
    /// Where a text's given place is in it.
    enum Anchor: String { case start, middle, end }

    /// What names of definitions begin with.
    let prefix: String
    private var body = ""
    private var definitions: [String] = []
    private var defined: Set<String> = []

    /// An empty drawing.
    init(prefix: String) { self.prefix = prefix }

    /// Paints an element without content; attributes that are `none` are not written, as they are
    /// so without that.
    mutating func element(_ name: String, _ attributes: KeyValuePairs<String, String>) {
        let written = attributes.filter { $0.value != "none" && $0 != ("stroke-width", "1") }
        body += "<\(name)\(written.map { " \($0.key)=\"\($0.value)\"" }.joined())/>\n"
    }

    /// Paints a path.
    ///
    /// - Parameters:
    ///   - kind: the class by which a style sheet finds it.
    ///   - data: as SVG writes it.
    mutating func path(
        _ kind: String, _ data: String, fill: String = "none", stroke: String = "none",
        width: Double = 1, dashes: String = "none"
    ) {
        element(
            "path",
            [
                "class": kind, "d": data, "fill": fill, "stroke": stroke,
                "stroke-width": coordinate(width), "stroke-dasharray": dashes,
            ])
    }

    /// Paints a rectangle between two corners.
    mutating func rectangle(
        _ kind: String, left: Double, top: Double, right: Double, bottom: Double,
        fill: String = "none", stroke: String = "#000"
    ) {
        path(
            kind,
            "M\(point(left, top))H\(coordinate(right))V\(coordinate(bottom))"
                + "H\(coordinate(left))z", fill: fill, stroke: stroke)
    }

    /// Paints a straight black line.
    mutating func line(
        _ kind: String, _ from: (x: Double, y: Double), _ to: (x: Double, y: Double),
        width: Double = 1
    ) {
        path(
            kind, "M\(point(from.x, from.y))L\(point(to.x, to.y))", stroke: "#000", width: width)
    }

    /// Paints a text on one line.
    ///
    /// - Parameters:
    ///   - text: may come from data.
    ///   - width: the room for it; what does not fit is cut, and the whole shows on pointing at it.
    ///   - turned: degrees, clockwise around the anchor.
    mutating func text(
        _ text: String, x: Double, y: Double, size: Double, anchor: Anchor = .start,
        width: Double = .infinity, isBold: Bool = false, fill: String = "#000", turned: Int = 0
    ) {
        let shown = fitted(text, width: width, size: isBold ? size * boldness : size)
        guard !shown.isEmpty else { return }
        body += "<text x=\"\(coordinate(x))\" y=\"\(coordinate(y))\""
        body += " font-size=\"\(coordinate(size))\" fill=\"\(fill)\""
        if anchor != .start { body += " text-anchor=\"\(anchor.rawValue)\"" }
        if isBold { body += " font-weight=\"bold\"" }
        if turned != 0 {
            body += " transform=\"rotate(\(turned) \(coordinate(x)) \(coordinate(y)))\""
        }
        body += ">"
        if shown != text.visible {
            body += "<title>\(fitted(text, width: 4_000, size: size).escapedXML)</title>"
        }
        body += shown.escapedXML + "</text>\n"
    }

    /// A reference to a definition, which is written once.
    ///
    /// - Parameters:
    ///   - name: which it is, without the prefix.
    ///   - element: the element's name, such as `pattern`.
    ///   - attributes: its attributes besides the name.
    ///   - content: what is in it.
    mutating func reference(
        _ name: String, _ element: String, _ attributes: KeyValuePairs<String, String>,
        content: String
    ) -> String {
        if defined.insert(name).inserted {
            definitions.append(
                "<\(element) id=\"\(prefix)-\(name)\"\(Self.written(attributes))>\(content)"
                    + "</\(element)>\n")
        }
        return "url(#\(prefix)-\(name))"
    }

    /// The whole file.
    func file(width: Double, height: Double, title: String, description: String) -> String {
        let (width, height) = (coordinate(width), coordinate(height))
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)" role="img" fill="none" \
            font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif">
            <title>\(title.escapedXML)</title>
            <desc>\(description.escapedXML)</desc>
            <defs>
            \(definitions.joined())</defs>
            <rect width="\(width)" height="\(height)" fill="#fff"/>
            \(body)</svg>

            """
    }

    private static func written(_ attributes: KeyValuePairs<String, String>) -> String {
        attributes.map { " \($0.key)=\"\($0.value)\"" }.joined()
    }
}

/// A place in a path's data.
func point(_ x: Double, _ y: Double) -> String { "\(coordinate(x)),\(coordinate(y))" }

/// Places without those that lie on the half pixel of an earlier one: there is nothing more to see.
func distinct(_ places: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    var seen: Set<[Double]> = []
    return places.filter { seen.insert([($0.x * 2).rounded(), ($0.y * 2).rounded()]).inserted }
}
