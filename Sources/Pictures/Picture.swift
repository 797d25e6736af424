import Errors

/// A statistical picture: panels side by side under one title and one legend, as an SVG file and as
/// tables of the numbers behind it.
///
/// ```swift
/// let picture = Picture(
///     title: "Attention and gradients, SST",
///     panels: [
///         Panel(
///             x: Axis("Kendall's tau", atLeast: -1...1), y: Axis("share of the class's texts"),
///             layers: [.bars(.histogram(of: taus, bins: 30, range: -1...1))])
///     ])
/// try Data(picture.svg().utf8).write(to: file)
/// ```
///
/// The same picture gives the same bytes everywhere. Series are told apart by dashes, shapes of
/// markers and hatching besides colour, and one name has the same style in all panels. Texts may
/// come from data: they are escaped, on one line, and cut with `…` where there is no room for them.
/// Numbers that are not finite, or beyond ±10¹⁰⁰, are not drawn; a line below the panels counts
/// them. A panel without anything to draw says "no data".
package struct Picture: Sendable {
    /// The heading.
    package var title: String
    /// What is shown, in a sentence or two, for readers who cannot see it.
    package var summary: String
    /// The panels, row by row.
    package var panels: [Panel]
    /// How many panels stand side by side.
    package var columns: Int
    /// Whether axes of values have the same range in all panels, so that they can be compared.
    package var sharesScales: Bool
    /// The size of each panel in pixels, axes included.
    package var panelSize: (width: Double, height: Double)

    /// A picture of some panels.
    ///
    /// - Parameters:
    ///   - title: the heading.
    ///   - summary: what is shown, for readers who cannot see it.
    ///   - panels: row by row.
    ///   - columns: how many stand side by side; up to three where it is nil.
    ///   - sharesScales: whether axes of values have the same range in all panels.
    ///   - panelSize: width and height in pixels, each from 200 to 4000; where it is nil, 640 × 420
    ///     of a single panel and 420 × 340 of several.
    package init(
        title: String, summary: String = "", panels: [Panel], columns: Int? = nil,
        sharesScales: Bool = false, panelSize: (width: Double, height: Double)? = nil
    ) {
        let size = panelSize ?? (panels.count > 1 ? (420, 340) : (640, 420))
        precondition(columns.map { $0 > 0 } ?? true, "at least one column")
        precondition(
            200...4000 ~= size.width && 200...4000 ~= size.height, "200 to 4000 pixels a side")
        self.title = title
        self.summary = summary
        self.panels = panels
        self.columns = columns ?? max(1, min(3, panels.count))
        self.sharesScales = sharesScales
        self.panelSize = size
    }

    /// The numbers behind the picture: one table for each layer.
    package var tables: [Table] {
        panels.flatMap { panel in
            panel.layers.map { layer in
                let (header, rows) = layer.content.table(x: panel.x.text, y: panel.y.text)
                return Table(title: panel.title, header: header, rows: rows)
            }
        }
    }

    /// What is not drawn, a line for each layer that leaves something out.
    package var notes: [String] {
        panels.flatMap { panel in
            panel.layers.flatMap(\.content.notes).map { note in
                panels.count > 1 && !panel.title.isEmpty ? "\(panel.title): \(note)" : note
            }
        }
    }

    /// The picture as an SVG file.
    ///
    /// - Parameter prefix: what the names of hatchings and markers begin with: ASCII letters. Two
    ///   pictures inside one HTML file should differ in it.
    package func svg(prefix: String = "picture") -> String {
        precondition(
            !prefix.isEmpty && prefix.utf8.allSatisfy { UInt8(ascii: "a")...0x7A ~= $0 | 0x20 },
            "ASCII letters")
        let margin = 10.0
        let styles = SeriesStyles(names: panels.flatMap { $0.layers.flatMap(\.content.names) })
        var drawing = Drawing(prefix: prefix)
        let width = Double(columns) * panelSize.width + 2 * margin
        var top = margin
        for line in wrapped(title, width: width - 2 * margin, size: FontSize.title * boldness) {
            top += 22
            drawing.text(line, x: margin, y: top - 5, size: FontSize.title, isBold: true)
        }
        drawLegend(styles, left: margin, width: width - 2 * margin, top: &top, on: &drawing)
        let (xs, ys) = extents
        for (index, panel) in panels.enumerated() {
            let (row, column) = index.quotientAndRemainder(dividingBy: columns)
            let plot = panel.plot(
                left: margin + Double(column) * panelSize.width,
                top: top + Double(row) * panelSize.height, size: panelSize, x: xs[index],
                y: ys[index])
            panel.draw(in: plot, styles: styles, on: &drawing)
        }
        if panels.isEmpty {
            drawing.text(
                noData, x: width / 2, y: top + 40, size: FontSize.title, anchor: .middle)
            top += 70
        }
        top += Double((panels.count + columns - 1) / columns) * panelSize.height
        for note in notes {
            for line in wrapped(note, width: width - 2 * margin, size: FontSize.tick) {
                top += 16
                drawing.text(line, x: margin, y: top - 4, size: FontSize.tick)
            }
        }
        return drawing.file(
            width: width, height: top + margin, title: title,
            description: ([summary] + notes).filter { !$0.isEmpty }.joined(separator: " · "))
    }

    /// The extents of each panel's axes.
    private var extents: (x: [Extent?], y: [Extent?]) {
        let own = (
            x: panels.map { Extent.union($0.layers.map(\.content.horizontal)) },
            y: panels.map { Extent.union($0.layers.map(\.content.vertical)) }
        )
        return sharesScales ? (Extent.shared(own.x), Extent.shared(own.y)) : own
    }

    /// Draws one entry for each name and kind of mark, in rows, and moves `top` below them.
    private func drawLegend(
        _ styles: SeriesStyles, left: Double, width: Double, top: inout Double,
        on drawing: inout Drawing
    ) {
        var entries: [(name: String, mark: LegendMark)] = []
        for content in panels.flatMap({ $0.layers.map(\.content) }) {
            for name in content.names where !name.isEmpty {
                if !entries.contains(where: { $0 == (name, content.legendMark) }) {
                    entries.append((name, content.legendMark))
                }
            }
        }
        guard !entries.isEmpty else { return }
        var x = left
        top += 20
        for entry in entries {
            let name = fitted(entry.name, width: width - 40, size: FontSize.legend)
            let needed = 36 + textWidth(name, size: FontSize.legend) + 18
            if x > left, x + needed > left + width + 18 {
                x = left
                top += 20
            }
            styles[entry.name].drawSample(entry.mark, x: x, y: top - 9, on: &drawing)
            drawing.text(
                entry.name, x: x + 36, y: top - 5, size: FontSize.legend, width: width - 40)
            x += needed
        }
        top += 6
    }
}

/// Numbers behind a picture. Cells are plain text and may come from data: who writes them into
/// Markdown or HTML escapes them.
package struct Table: Sendable, Hashable {
    /// The panel that shows them.
    package let title: String
    /// What each column holds.
    package let header: [String]
    /// One cell for each column.
    package let rows: [[String]]
}
