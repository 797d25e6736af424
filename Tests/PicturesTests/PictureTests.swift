import Pictures
import Testing

@Suite("Pictures as SVG files")
struct PictureTests {
    private static func scatter(_ points: [Points.Point]) -> Panel {
        Panel(
            x: Axis("x", atLeast: 0...1), y: Axis("y", atLeast: 0...1),
            layers: [.scatter("points", points)])
    }

    /// One panel of every kind of layer, with all texts the same.
    private static func everyKind(_ text: String, value: Double) -> Picture {
        let axis = Axis(text, unit: text)
        let layers: [Layer] = [
            .bars(Bars(bins: .edges([0, 1, 2]), series: [.init(text, heights: [1, value])])),
            .bars(Bars(bins: .categories([text]), series: [.init(text, heights: [value])])),
            .distributions(
                Distributions(
                    .violins, categories: [text],
                    series: [.init(text, values: [[1, 2, 3, 4, 5, 6, value]])])),
            .distributions(
                Distributions(
                    .boxes, categories: [text],
                    series: [.init(text, values: [[1, 2, 3, 4, 5, 6, value]])])),
            .line(text, [.init(0, 1, label: text), .init(1, value), .init(2, 2)]),
            .scatter(text, [.init(0, 1, label: text), .init(value, value)]),
            .heatMap(
                HeatMap(rows: [text], columns: [text, "b"], values: [[1, value]], places: 2)),
        ]
        return Picture(
            title: text, summary: text,
            panels: layers.map { Panel(title: text, x: axis, y: axis, layers: [$0]) })
    }

    @Test func theFileIsAnAccessibleScalableImage() throws {
        let picture = Picture(
            title: "Curves & points", summary: "One point.",
            panels: [Self.scatter([.init(0.5, 0.5)])], panelSize: (300, 200))
        let read = try ReadPicture(picture.svg())
        #expect(read.root("role") == "img")
        let width = try #require(read.root("width")), height = try #require(read.root("height"))
        #expect(width == "320")
        #expect(read.root("viewBox") == "0 0 \(width) \(height)")
        #expect(try read.texts("title") == ["Curves & points"])
        #expect(try read.texts("desc") == ["One point."])
        let texts = try read.texts()
        for text in ["Curves & points", "points", "x", "y", "0", "0.5", "1.0"] {
            #expect(texts.contains(text), "\(text)")
        }
    }

    @Test func textsFromDataAreEscapedInEveryKindOfPicture() throws {
        let hostile = "<script>&\"'\u{202E}\u{7}\u{FFFE}]]>"
        let svg = Self.everyKind(hostile, value: 3).svg()
        let read = try ReadPicture(svg)
        #expect(try read.elements("script").isEmpty)
        for scalar in svg.unicodeScalars {
            #expect(
                scalar == "\n"
                    || (scalar.value >= 0x20 && scalar != "\u{202E}"
                        && scalar != "\u{FFFE}")
            )
        }
        let shown = "<script>&\"'\\u{202e}\\u{7}\\u{fffe}]]>"
        #expect(try read.texts("desc") == [shown])
        // The heading has room for it.
        #expect(try read.texts().contains(shown))
    }

    @Test func numbersThatCannotBePlacedAreLeftOutAndCounted() throws {
        for value in [Double.nan, .infinity, -.infinity, 1e300] {
            let picture = Self.everyKind("name", value: value)
            let svg = picture.svg()
            for word in ["nan", "inf", "–", "e300"] {
                #expect(!svg.contains("\(word)\""), "\(value)")
                for path in try ReadPicture(svg).elements("path") {
                    #expect(path.value("d")?.contains(word) == false)
                }
            }
            #expect(
                picture.notes
                    == Array(repeating: "name: 1 value is not finite and is left out", count: 7))
            #expect(try ReadPicture(svg).texts().contains(picture.notes[0]))
        }
    }

    @Test func hugeAndTinyValuesHaveAxes() throws {
        let panels = [
            (1e90, 3e90), (-1e100, 1e100), (.leastNonzeroMagnitude, 1e-300), (1e9, 1e9 + 1),
            (1, 1 + 1e-15), (0, 0),
            (-2, -2), (1e100, 1e100), (1e-7, 3e-7),
        ].map { one, other in
            Panel(
                x: Axis("x"), y: Axis("y"),
                layers: [.line("line", [.init(one, one), .init(other, other)])])
        }
        let read = try ReadPicture(Picture(title: "Sizes", panels: panels).svg())
        let frames = try read.frames()
        // The first markers are the legend's.
        for (frame, markers) in zip(frames, try read.markers().dropFirst()) {
            for marker in markers {
                #expect(
                    frame.left...frame.right ~= marker.x && frame.top...frame.bottom ~= marker.y)
            }
        }
        let texts = try read.texts()
        #expect(texts.contains("1.5e90") && texts.contains("−0.5e100") && texts.contains("2.0e-7"))
    }

    @Test func aPictureWithoutDataSaysSo() throws {
        #expect(
            try ReadPicture(Picture(title: "None", panels: []).svg()).texts() == [
                "None", "no data",
            ])
        let axis = Axis("axis")
        let layers: [[Layer]] = [
            [], [.bars(.histogram(of: [], bins: 3, range: 0...1))],
            [.bars(.histogram(of: [("a", [])], bins: 3, range: 0...1))],
            [.distributions(Distributions(.violins, categories: [], series: []))],
            [.distributions(.byQuarter(.boxes, [("a", [])]))], [.line("a", [])],
            [.scatter("a", [.init(.nan, 0)])],
            [.heatMap(HeatMap(rows: [], columns: [], values: []))],
        ]
        let panels = layers.map { Panel(x: axis, y: axis, layers: $0) }
        let read = try ReadPicture(Picture(title: "None", panels: panels).svg())
        #expect(try read.texts().count { $0 == "no data" } == layers.count)
        #expect(try read.frames().count == layers.count)
    }

    @Test func panelsStandInRowsAndShareScalesWhereAsked() throws {
        let panels = [4.0, 8].map { largest in
            Panel(
                title: "to \(largest)", x: Axis("x"), y: Axis("y"),
                layers: [.scatter("points", [.init(0, 0), .init(largest, largest)])])
        }
        func places(_ picture: Picture) throws -> [(share: Double, frame: Double)] {
            let read = try ReadPicture(picture.svg())
            return zip(try read.frames(), try read.markers().dropFirst()).map { frame, markers in
                ((markers[1].x - frame.left) / (frame.right - frame.left), frame.left)
            }
        }
        let own = try places(Picture(title: "Own", panels: panels))
        #expect(own.map(\.share) == [1, 1] && own[1].frame == own[0].frame + 420)
        let shared = try places(Picture(title: "Shared", panels: panels, sharesScales: true))
        #expect(abs(shared[0].share - 0.5) < 1e-3 && shared[1].share == 1)
        let below = try places(Picture(title: "Below", panels: panels, columns: 1))
        #expect(below[0].frame == below[1].frame)
    }

    @Test func oneNameHasOneStyleAndOneEntryInTheLegend() throws {
        let axis = Axis("axis", atLeast: 0...1)
        let panels = [["a", "b"], ["b", "c"]].map { names in
            Panel(x: axis, y: axis, layers: names.map { .line($0, [.init(0, 0), .init(1, 1)]) })
        }
        let read = try ReadPicture(Picture(title: "Styles", panels: panels).svg())
        #expect(try read.texts().filter { ["a", "b", "c"].contains($0) } == ["a", "b", "c"])
        let dashes = try read.elements("path", "line").map {
            $0.value("stroke-dasharray")
        }
        #expect(dashes.count == 4 && dashes[0] == nil)
        #expect(dashes[1] == dashes[2] && Set(dashes).count == 3)
    }

    @Test func referencesAreDefinedOnceUnderTheirPrefix() throws {
        let svg = Self.everyKind("name", value: 2).svg(prefix: "tau")
        let defined = svg.matches(of: /\sid="([^"]*)"/).map { String($0.output.1) }
        let used = svg.matches(of: /url\(#([^)]*)\)/).map { String($0.output.1) }
        #expect(!defined.isEmpty && Set(defined).count == defined.count)
        #expect(Set(used) == Set(defined))
        #expect(defined.allSatisfy { $0.hasPrefix("tau-") })
    }

    @Test func theSamePictureHasTheSameBytes() {
        #expect(Self.everyKind("a", value: 3).svg() == Self.everyKind("a", value: 3).svg())
    }

    @Test func longTextsAreCutOrBrokenAndKeptWhole() throws {
        let long = String(repeating: "word ", count: 40) + "end"
        let panel = Panel(title: long, x: Axis("x"), y: Axis("y"), layers: [.line(long, [])])
        let read = try ReadPicture(Picture(title: long, panels: [panel]).svg())
        let texts = try read.elements("text")
        // The title is broken into lines; the panel's heading and the legend are cut, with the whole
        // text to be read on pointing at them.
        #expect(try read.texts().contains { $0.hasSuffix("end") && !$0.contains("…") })
        let cut = texts.filter { ($0.stringValue ?? "").hasSuffix("…") }
        #expect(cut.count == 2)
        for text in cut {
            #expect(text.elements(forName: "title").first?.stringValue == long)
        }
    }

    @Test func aWidenedAxisEndsAtTicks() throws {
        let panel = Panel(
            x: Axis("x", atLeast: 0...0.7), y: Axis("y", atLeast: 0...0.7),
            layers: [.scatter("", [.init(0.5, 0.93)])])
        let read = try ReadPicture(Picture(title: "Axes", panels: [panel]).svg())
        let frame = try read.frames()[0], marker = try read.markers()[0][0]
        // x keeps 0...0.7; y is widened to 0...1.
        #expect(
            isSamePlace(
                marker,
                (
                    frame.left + 0.5 / 0.7 * (frame.right - frame.left),
                    frame.bottom - 0.93 * (frame.bottom - frame.top)
                )))
        #expect(try read.texts().contains("1.0"))
    }
}
