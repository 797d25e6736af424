/// The order of classes: labels that are numbers first, by value, and then all others by their UTF-8
/// bytes. So whole numbers stand as 1, 2, …, 10, in `id2label`, tables and confusion matrices.
package enum LabelOrder {
    /// The labels in order; equal numbers that are written differently, such as 1 and 01, by their
    /// bytes.
    package static func sorted(_ labels: some Sequence<String>) -> [String] {
        labels.map { (number: DecimalNumber($0), label: $0) }.sorted { first, second in
            switch (first.number, second.number) {
            case (let one?, let other?) where one != other: one < other
            case (.some, nil): true
            case (nil, .some): false
            default: first.label.utf8.lexicographicallyPrecedes(second.label.utf8)
            }
        }.map(\.label)
    }
}

/// The value of a number in decimal notation, exact whatever its length: an optional sign, digits,
/// and optionally a point with digits.
struct DecimalNumber: Hashable, Comparable {
    private let isNegative: Bool
    /// Digits before the point, without leading zeros.
    private let whole: [UInt8]
    /// Digits after the point, without trailing zeros.
    private let fraction: [UInt8]

    /// The number that `text` is; nil where it is none.
    init?(_ text: String) {
        var digits = Array(text.utf8)[...]
        let sign = digits.first
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { digits.removeFirst() }
        let parts = digits.split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }) else { return nil }
        let zero = UInt8(ascii: "0")
        whole = Array(parts[0].drop { $0 == zero })
        var fraction = parts.count > 1 ? Array(parts[1]) : []
        while fraction.last == zero { fraction.removeLast() }
        self.fraction = fraction
        isNegative = sign == UInt8(ascii: "-") && !(whole.isEmpty && fraction.isEmpty)
    }

    static func < (first: Self, second: Self) -> Bool {
        guard first.isNegative == second.isNegative else { return first.isNegative }
        let (less, more) = first.isNegative ? (second, first) : (first, second)
        if less.whole.count != more.whole.count { return less.whole.count < more.whole.count }
        if less.whole != more.whole { return less.whole.lexicographicallyPrecedes(more.whole) }
        return less.fraction.lexicographicallyPrecedes(more.fraction)
    }
}
