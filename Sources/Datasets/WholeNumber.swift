/// The digits of a number that is written as JSON writes numbers and is whole: `1` for `1`, `1.0`, `10e-1`
/// and `0.1e1`; nil for anything else.
///
/// Labels that are the same number are the same label, whatever the format of their file. Digits are
/// moved, not computed, so that numbers of any size stay what they are.
///
/// - Complexity: O(length).
package func wholeNumber(_ text: some StringProtocol) -> String? {
    let number = NumberText(text)
    guard let number, let digits = number.wholeDigits else { return nil }
    return (number.isNegative && digits != "0" ? "-" : "") + digits
}

/// Whether a text is a number as JSON writes them, whole or not.
package func isNumber(_ text: some StringProtocol) -> Bool { NumberText(text) != nil }

/// A number's text in its parts.
private struct NumberText {
    let isNegative: Bool
    private let integer: Substring.UTF8View
    private let fraction: Substring.UTF8View
    private let exponent: Int
    /// Nobody means larger numbers by a label.
    private static let largestExponent = 40

    init?(_ text: some StringProtocol) {
        var rest = Substring(text).utf8[...]
        func digits() -> Substring.UTF8View {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(digits.count)
            return digits
        }
        func skip(_ bytes: String.UTF8View) -> Bool {
            guard let first = rest.first, bytes.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        isNegative = skip("-".utf8)
        integer = digits()
        guard !integer.isEmpty, integer.count == 1 || integer.first != UInt8(ascii: "0") else {
            return nil
        }
        let hasPoint = skip(".".utf8)
        fraction = digits()
        guard hasPoint == !fraction.isEmpty else { return nil }
        var exponent = 0
        if skip("eE".utf8) {
            let isBelow = rest.first == UInt8(ascii: "-")
            _ = skip("+-".utf8)
            let power = digits()
            guard !power.isEmpty else { return nil }
            // More digits than an integer holds stand for more than is allowed.
            let size = Int(Substring(power)) ?? Int.max
            exponent = isBelow ? -size : size
        }
        guard rest.isEmpty else { return nil }
        self.exponent = exponent
    }

    /// The digits before the point, where there are none but zeros behind it.
    var wholeDigits: String? {
        var digits = Array(integer) + Array(fraction)
        // Where the point stands among the digits.
        let point: Int
        if digits.allSatisfy({ $0 == 0x30 }) { return "0" }
        guard abs(exponent) <= Self.largestExponent + digits.count else { return nil }
        point = integer.count + exponent
        while digits.count > max(point, 0), digits.last == 0x30 { digits.removeLast() }
        guard point > 0, digits.count <= point, point - digits.count <= Self.largestExponent else {
            return nil
        }
        digits += repeatElement(0x30, count: point - digits.count)
        return String(decoding: digits.drop { $0 == 0x30 }, as: UTF8.self)
    }
}
