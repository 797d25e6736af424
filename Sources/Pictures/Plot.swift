/// The frame of a panel and the scales of its axes.
struct Plot {
    /// The horizontal scale, from left to right.
    let x: Scale
    /// The vertical scale, from the bottom to the top; of categories from the top to the bottom.
    let y: Scale
    /// The height of the panel's heading's base line.
    let heading: Double
    /// Lines of each category's name below the frame; empty where they are turned, or are numbers.
    let categoryLines: [[String]]
    /// Whether names of categories below the frame are turned.
    let isTurned: Bool
    /// The lower edge of the panel.
    let bottom: Double

    /// The frame's left edge.
    var left: Double { x.start }
    /// The frame's right edge.
    var right: Double { x.end }
    /// The frame's upper edge.
    var upper: Double { min(y.start, y.end) }
    /// The frame's lower edge.
    var lower: Double { max(y.start, y.end) }

    /// A point on the page.
    func place(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
        (self.x.position(x), self.y.position(y))
    }
}

/// The most room for a category's name that is turned or stands beside the frame, in pixels.
private let nameRoom = 130.0

extension Panel {
    /// The frame and the scales in a panel's area: what stands around the frame gets its room first.
    func plot(
        left: Double, top: Double, size: (width: Double, height: Double), x: Extent?, y: Extent?
    ) -> Plot {
        let contents = layers.map(\.content)
        let ys = Ticks(y, atLeast: self.y.atLeast, count: (size.height - 110) / 45)
        var xs = Ticks(x, atLeast: self.x.atLeast, count: (size.width - 100) / 65)
        // Long numbers need more room: fewer ticks.
        for divisor in [2.0, 4] where !xs.isCategorical {
            guard (widest(xs.labels) + 8) * Double(xs.labels.count) > size.width - 80 else { break }
            xs = Ticks(x, atLeast: self.x.atLeast, count: (size.width - 100) / 65 / divisor)
        }
        var leftRoom = 12 + widest(ys.labels) + (self.y.text.isEmpty ? 0 : 20)
        let lastTick = xs.isCategorical ? 0 : widest(xs.labels.suffix(1)) / 2
        let rightRoom = max(contents.map(\.sideRoom).max() ?? 0, lastTick + 4, 12)
        var lines: [[String]] = []
        var isTurned = false
        var labelHeight = 16.0
        if xs.isCategorical {
            let slot = (size.width - leftRoom - rightRoom) / Double(max(1, xs.labels.count))
            lines = xs.labels.map { wrapped($0, width: slot - 6, size: FontSize.tick) }
            isTurned = zip(lines, xs.labels).contains { lines, name in
                lines.count > 3 || lines.joined(separator: " ") != name.visible
            }
            if isTurned {
                // Turned by 45°, a name reaches down as far as to the left of its tick.
                let reach = xs.labels.map {
                    min(nameRoom, textWidth($0.visible, size: FontSize.tick)) / 2.0.squareRoot()
                }
                labelHeight = (reach.max() ?? 0) + 14
                for (index, reach) in reach.enumerated() {
                    leftRoom = max(leftRoom, reach - (Double(index) + 0.5) * slot + 6)
                }
                lines = []
            } else {
                labelHeight = 2 + 14 * Double(lines.map(\.count).max() ?? 1)
            }
        }
        let topRoom =
            (title.isEmpty ? 10 : 28) + (contents.map(\.headroom).max() ?? 0)
        let bottomRoom = labelHeight + (self.x.text.isEmpty ? 6 : 20) + 8
        let (upper, lower) = (top + topRoom, top + size.height - bottomRoom)
        return Plot(
            x: Scale(ticks: xs, start: left + leftRoom, end: left + size.width - rightRoom),
            y: ys.isCategorical
                ? Scale(ticks: ys, start: upper, end: lower)
                : Scale(ticks: ys, start: lower, end: upper),
            heading: top + 18, categoryLines: lines, isTurned: isTurned,
            bottom: top + size.height)
    }

    private func widest(_ labels: some Sequence<String>) -> Double {
        min(nameRoom, labels.map { textWidth($0.visible, size: FontSize.tick) }.max() ?? 0)
    }

    /// Draws heading, axes and layers.
    func draw(in plot: Plot, styles: SeriesStyles, on drawing: inout Drawing) {
        let contents = layers.map(\.content)
        drawing.text(
            title, x: plot.left, y: plot.heading, size: FontSize.panel,
            width: plot.right - plot.left, isBold: true)
        for content in contents where !content.isEmpty {
            content.draw(in: plot, styles: styles, on: &drawing)
        }
        drawing.rectangle(
            "frame", left: plot.left, top: plot.upper, right: plot.right, bottom: plot.lower)
        drawHorizontalTicks(plot, on: &drawing)
        drawVerticalTicks(plot, on: &drawing)
        drawing.text(
            x.text, x: (plot.left + plot.right) / 2, y: plot.bottom - 8, size: FontSize.axis,
            anchor: .middle, width: plot.right - plot.left + 60)
        let middle = (plot.upper + plot.lower) / 2
        drawing.text(
            y.text, x: plot.left - 16 - widest(plot.y.ticks.labels), y: middle,
            size: FontSize.axis, anchor: .middle, width: plot.lower - plot.upper + 30, turned: -90)
        for content in contents { content.drawLabels(in: plot, on: &drawing) }
        if contents.allSatisfy(\.isEmpty) {
            drawing.text(
                noData, x: (plot.left + plot.right) / 2, y: middle, size: FontSize.title,
                anchor: .middle)
        }
    }

    private func drawHorizontalTicks(_ plot: Plot, on drawing: inout Drawing) {
        let ticks = plot.x.ticks
        for index in ticks.values.indices {
            let x = plot.x.position(ticks.values[index])
            if plot.isTurned {
                guard index % every(plot.x) == 0 else { continue }
                drawing.text(
                    ticks.labels[index], x: x + 4, y: plot.lower + 13, size: FontSize.tick,
                    anchor: .end, width: nameRoom, turned: -45)
            } else if ticks.isCategorical {
                for (line, text) in plot.categoryLines[index].enumerated() {
                    drawing.text(
                        text, x: x, y: plot.lower + 14 + Double(line) * 14, size: FontSize.tick,
                        anchor: .middle)
                }
            } else {
                drawing.line("tick", (x, plot.lower), (x, plot.lower + 4))
                drawing.text(
                    ticks.labels[index], x: x, y: plot.lower + 16, size: FontSize.tick,
                    anchor: .middle)
            }
        }
    }

    private func drawVerticalTicks(_ plot: Plot, on drawing: inout Drawing) {
        let ticks = plot.y.ticks
        for index in ticks.values.indices {
            let y = plot.y.position(ticks.values[index])
            if ticks.isCategorical {
                guard index % every(plot.y) == 0 else { continue }
            } else {
                drawing.line("tick", (plot.left - 4, y), (plot.left, y))
            }
            drawing.text(
                ticks.labels[index], x: plot.left - 6, y: y + 4, size: FontSize.tick,
                anchor: .end, width: nameRoom)
        }
    }

    /// Which categories are named where they stand closer than lines of text: every first, second ….
    private func every(_ scale: Scale) -> Int {
        max(1, Int((13 / max(0.1, scale.slot)).rounded(.up)))
    }
}
