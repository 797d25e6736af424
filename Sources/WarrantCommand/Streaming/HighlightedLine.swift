import Warrant

/// An answer for a person to read: the label, and the text with its rationale marked.
///
/// The marks are bold and underlined on a terminal, and square brackets elsewhere.
struct HighlightedLine {
    private let begin: String
    private let end: String

    /// - Parameter isTerminal: whether escape sequences are understood.
    init(isTerminal: Bool) {
        begin = isTerminal ? "\u{1B}[1;4m" : "["
        end = isTerminal ? "\u{1B}[0m" : "]"
    }

    /// `negative 97 %  a [dull , lifeless] film`.
    ///
    /// Line breaks and tabs are shown as spaces and other control characters by their numbers, so
    /// that a text is one line and cannot steer the terminal.
    func text(_ example: Example, _ answer: Classification) -> String {
        let probability = answer.prediction.probabilities[answer.prediction.index]
        let bytes = Array(example.text.utf8)
        var marked = ""
        var position = 0
        for snippet in answer.rationale.snippets {
            marked += shown(bytes[position..<snippet.utf8Range.lowerBound])
            marked += begin + shown(bytes[snippet.utf8Range]) + end
            position = snippet.utf8Range.upperBound
        }
        marked += shown(bytes[position...])
        let percent = decimalText(Double(probability) * 100, places: 0)
        return "\(shown(answer.label.utf8)) \(percent) %  \(marked)"
    }

    /// What stands in place of an answer where there is none.
    func text(_ example: Example, reason: String) -> String {
        "no label  \(shown(example.text.utf8)) (\(reason))"
    }

    private func shown(_ bytes: some Collection<UInt8>) -> String {
        let spaces: ClosedRange<UInt8> = 0x09...0x0D
        return String(decoding: bytes.map { spaces.contains($0) ? 0x20 : $0 }, as: UTF8.self)
            .visible
    }
}
