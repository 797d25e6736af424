/// Figures as reports print them.
package enum ReportFigures {
    /// A share or a correlation: `.34`, `-.05`, `1.00`; a dash for what is not a number.
    package static func short(_ value: Double?, digits: Int = 3) -> String {
        guard let value, value.isFinite else { return "–" }
        // Beyond what is a whole number when it is scaled.
        guard abs(value) < 1e9 else { return "\(value)" }
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let whole = Int((abs(value) * scale).rounded())
        let fraction = String(whole % Int(scale))
        let padded = String(repeating: "0", count: max(0, digits - fraction.count)) + fraction
        let integer = whole / Int(scale)
        let sign = value < 0 && whole > 0 ? "-" : ""
        return "\(sign)\(integer == 0 ? "" : "\(integer)").\(padded)"
    }

    /// A share in percent: `45 %`.
    package static func percent(_ share: Double?) -> String {
        guard let share, share.isFinite, abs(share) < 1e9 else { return "–" }
        return "\(Int((share * 100).rounded())) %"
    }

    /// A count with commas: `1,725`.
    package static func count(_ count: Int) -> String {
        var digits = String(count.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits = String(digits.dropLast(3))
        }
        return (count < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// A count of things: `1 text`, `1,725 texts`.
    package static func count(_ count: Int, _ thing: String) -> String {
        "\(Self.count(count)) \(thing)\(count == 1 ? "" : "s")"
    }

    /// λ as people write it: `0`, `0.005`, `5`.
    package static func lambda(_ lambda: Double) -> String {
        lambda == 0 ? "0" : "\(lambda)".replacing(/\.0$/, with: "")
    }

    /// The sentence on texts that rank nothing; none where there are none.
    static func ofOneWord(_ count: Int) -> [String] {
        count == 0
            ? []
            : ["\(Self.count(count, "text")) of one word \(count == 1 ? "is" : "are") left out."]
    }
}
