import Errors

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What an axis must hold.
enum Extent: Equatable {
    /// Values from the least to the largest.
    case values(ClosedRange<Double>)
    /// Categories, from the left or from the top.
    case categories([String])

    /// The extent of values, those apart that cannot be drawn.
    init?(_ values: some Sequence<Double>) {
        var range: ClosedRange<Double>?
        for value in values where value.isDrawable {
            range =
                range.map { min($0.lowerBound, value)...max($0.upperBound, value) }
                ?? value...value
        }
        guard let range else { return nil }
        self = .values(range)
    }

    /// The extent that holds several.
    static func union(_ extents: [Extent?]) -> Extent? {
        extents.reduce(nil) { union, extent in
            switch (union, extent) {
            case (nil, _): return extent
            case (_, nil): return union
            case (.values(let one), .values(let other)):
                return .values(
                    min(one.lowerBound, other.lowerBound)...max(one.upperBound, other.upperBound))
            default:
                precondition(union == extent, "layers of one panel have the same kind of axes")
                return union
            }
        }
    }

    /// The same extent for all axes of values; axes of categories keep theirs.
    static func shared(_ extents: [Extent?]) -> [Extent?] {
        func isOfValues(_ extent: Extent?) -> Bool {
            if case .categories = extent { false } else { true }
        }
        let shared = union(extents.filter(isOfValues))
        return extents.map { isOfValues($0) ? shared : $0 }
    }
}

/// The range that an axis shows, and its ticks.
struct Ticks {
    /// From one end of the axis to the other; category i is from i - ½ to i + ½.
    let range: ClosedRange<Double>
    /// Where the ticks are.
    let values: [Double]
    /// What stands at them.
    let labels: [String]
    /// Whether the labels are names of categories.
    let isCategorical: Bool

    /// The ticks of an axis.
    ///
    /// - Parameters:
    ///   - extent: what the axis must hold; nil without data.
    ///   - atLeast: what it shows whatever the data. An end that lies beyond the data is kept
    ///     exactly, any other is moved outwards to the next tick.
    ///   - count: about how many ticks.
    init(_ extent: Extent?, atLeast: ClosedRange<Double>? = nil, count: Double) {
        let data: ClosedRange<Double>?
        switch extent {
        case .categories(let names):
            range = -0.5...(Double(max(1, names.count)) - 0.5)
            values = names.indices.map(Double.init)
            labels = names
            isCategorical = true
            return
        case .values(let range): data = range
        case nil: data = nil
        }
        isCategorical = false
        let whole = Self.widened(
            min(data?.lowerBound ?? .infinity, atLeast?.lowerBound ?? data?.lowerBound ?? 0),
            max(data?.upperBound ?? -.infinity, atLeast?.upperBound ?? data?.upperBound ?? 1))
        let step = Self.step((whole.upperBound - whole.lowerBound) / max(1, count))
        // What differs from a tick by less than 10⁻⁵ steps lies on it, but for rounding.
        let least = whole.lowerBound / step, largest = whole.upperBound / step
        let isLeastKept = whole.lowerBound == atLeast?.lowerBound
        let isLargestKept = whole.upperBound == atLeast?.upperBound
        let first = isLeastKept ? (least - 1e-5).rounded(.up) : (least + 1e-5).rounded(.down)
        let last =
            isLargestKept ? (largest + 1e-5).rounded(.down) : (largest - 1e-5).rounded(.up)
        let lower = isLeastKept ? whole.lowerBound : min(whole.lowerBound, first * step)
        let upper = isLargestKept ? whole.upperBound : max(whole.upperBound, last * step)
        range = lower...upper
        let ticks = stride(from: first, through: last, by: 1).map { $0 * step }
        values = ticks
        labels = Self.labels(ticks, step: step)
    }

    /// A range that is wide enough to be divided: a single value gets room on both sides.
    private static func widened(_ lower: Double, _ upper: Double) -> ClosedRange<Double> {
        let size = max(lower.magnitude, upper.magnitude)
        guard upper - lower <= max(size * 1e-9, 1e-90) else { return lower...upper }
        let room = size > 1e-80 ? size / 10 : 1
        return lower - room...upper + room
    }

    /// The least of 1, 2 and 5 times a power of ten that is not below `raw`.
    private static func step(_ raw: Double) -> Double {
        let power = powerOfTen(decimalExponent(raw))
        return ([1, 2, 5].first { $0 * power >= raw * (1 - 1e-9) } ?? 10) * power
    }

    /// Numbers with as many decimals as the step has; with a power of ten where that is shorter.
    private static func labels(_ values: [Double], step: Double) -> [String] {
        let largest = values.map(\.magnitude).max() ?? 0
        let (top, least) = (decimalExponent(max(largest, step)), decimalExponent(step * 1.0001))
        return values.map { value in
            if value.magnitude < step / 2 { return "0" }
            let text =
                top >= 6 || least < -4
                ? scientificText(value, exponent: top, places: min(9, top - least))
                : decimalText(value, places: max(0, -least))
            return withMinusSign(text)
        }
    }
}

/// An axis on the page.
struct Scale {
    /// Range and ticks.
    let ticks: Ticks
    /// Where the range begins, in pixels.
    let start: Double
    /// Where it ends.
    let end: Double

    /// The place of a value in pixels.
    func position(_ value: Double) -> Double {
        let range = ticks.range
        return start + (value - range.lowerBound) / (range.upperBound - range.lowerBound)
            * (end - start)
    }

    /// The pixels that one category has.
    var slot: Double { (position(1) - position(0)).magnitude }
}
