import Errors

/// Sizes of letters in pixels.
enum FontSize {
    static let tick = 11.0
    static let axis = 12.0
    static let legend = 12.0
    static let panel = 13.0
    static let title = 16.0
}

/// What an empty panel says.
let noData = "no data"

/// About how wide a text is, in pixels: a file cannot know which font it is shown in, so letters
/// count as wide as those of DejaVu Sans, which few fonts exceed.
func textWidth(_ text: String, size: Double) -> Double {
    text.unicodeScalars.reduce(0) { $0 + width(of: $1) } * size
}

/// The width of one scalar, in parts of the font's size.
private func width(of scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case " ", "i", "j", "l", "I", ".", ",", ":", ";", "'", "|", "!", "(", ")", "[", "]", "t", "f":
        0.4
    case "c", "k", "r", "s", "v", "x", "y", "z", "-", "/": 0.56
    case "m", "w", "M", "W", "@", "%", "—": 0.98
    case "A"..."Z", "=", "+", "−", "×", "<", ">", "~", "_", "&": 0.8
    // From here on scripts such as Chinese, whose signs are squares.
    case "\u{1100}"..."\u{10FFFF}": scalar.value < 0x2E80 && scalar.value > 0x11FF ? 0.9 : 1.05
    default: 0.64
    }
}

/// How much wider bold letters are.
let boldness = 1.1

/// A text that is safe to show, cut with `…` so that it is no wider than `width`.
func fitted(_ text: String, width: Double, size: Double) -> String {
    let text = text.visible
    guard textWidth(text, size: size) > width else { return text }
    var room = width - textWidth("…", size: size)
    var cut = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        room -= textWidth(String(scalar), size: size)
        if room < 0 { break }
        cut.append(scalar)
    }
    return String(cut) + "…"
}

/// A text in lines that are no wider than `width`, broken at spaces; a word that is wider is cut.
/// An empty text has no line.
func wrapped(_ text: String, width: Double, size: Double) -> [String] {
    var lines: [String] = []
    for word in text.visible.split(separator: " ") {
        if let line = lines.last, textWidth("\(line) \(word)", size: size) <= width {
            lines[lines.count - 1] = "\(line) \(word)"
        } else {
            lines.append(fitted(String(word), width: width, size: size))
        }
    }
    return lines
}

extension String {
    /// The text as XML's character data, safe to show: markup is escaped, control characters and
    /// marks of direction are shown as `\u{…}`, and so are the two scalars that XML forbids beyond
    /// those (XML 1.0, section 2.2).
    var escapedXML: String {
        var escaped = ""
        for scalar in visible.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\u{FFFE}", "\u{FFFF}":
                escaped += "\\u{\(String(scalar.value, radix: 16))}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
