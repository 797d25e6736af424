import Warrant

/// Numbers as people read them.
enum Figures {
    /// `12,345`.
    static func count(_ value: Int) -> String {
        var digits = String(value.magnitude)[...]
        var groups: [Substring] = []
        while !digits.isEmpty {
            groups.insert(digits.suffix(3), at: 0)
            digits = digits.dropLast(3)
        }
        return (value < 0 ? "-" : "") + groups.joined(separator: ",")
    }

    /// `1 document`, `2,000 documents`.
    static func count(_ value: Int, _ noun: String) -> String {
        "\(count(value)) \(noun)\(value == 1 ? "" : "s")"
    }

    /// `0.891`; the figure of a score.
    static func score(_ value: Double) -> String { decimalText(value, places: 3) }

    /// `20.3 %`.
    static func percent(_ share: Double) -> String { decimalText(share * 100, places: 1) + " %" }

    /// `1:05` or `2:03:05`; hours only where there are some.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "–" }
        let whole = Int(seconds.rounded())
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
    }

    /// `412` from 100 on, `4.1` below; documents a second.
    static func speed(_ value: Double) -> String {
        value >= 100 ? count(Int(min(value, 1e15).rounded())) : decimalText(value, places: 1)
    }
}
