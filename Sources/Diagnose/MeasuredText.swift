import AttentionModels
import Diagnostics
import Encoders
import JSON
import Training

/// A text's class, what a model predicts of it, and how large its largest weight of attention is.
struct MeasuredText: Codable, Sendable, Equatable {
    /// The class.
    var label: Int
    /// The probability of each class.
    var probabilities: [Double]
    /// How many words there are.
    var words: Int
    /// The largest weight; 0 without words.
    var largestAttention: Double

    enum CodingKeys: String, CodingKey {
        case label, probabilities, words
        case largestAttention = "largest_attention"
    }

    /// A text of a set.
    ///
    /// - Parameter attention: the weight of each word.
    init(label: Int, probabilities: [Double], attention: [Float]) {
        self.label = label
        self.probabilities = probabilities
        words = attention.count
        largestAttention = Double(attention.max() ?? 0)
    }

    /// A text whose states are held fixed, with the model's own weights.
    init(label: Int, _ text: AttendedText) {
        self.init(
            label: label, probabilities: text.probabilities(text.ownWeights),
            attention: text.attention)
    }

    /// The class that is predicted.
    var predicted: Int { probabilities.indexOfLargest }

    /// The first members of a line of `texts.jsonl`.
    ///
    /// - Parameter number: the text's in its set, from 0.
    func members(_ number: Int) -> [(key: String, value: JSONText)] {
        [
            ("text", .integer(number)), ("words", .integer(words)), ("label", .integer(label)),
            ("probabilities", .array(probabilities.map { .double($0) })),
            ("largest_attention", .double(largestAttention)),
        ]
    }
}

extension [MeasuredText] {
    /// The texts by predicted class.
    func groups(_ labels: [String]) -> TextGroups {
        TextGroups(predicted: map(\.predicted), labels: labels)
    }

    /// How good the predictions are.
    var scores: AttentionScores {
        AttentionScores(labels: map(\.label), probabilities: map(\.probabilities))
    }
}

extension Array {
    /// The elements, where a model gave numbers for each.
    ///
    /// - Throws: `WarrantError` where one is not finite.
    func finite(_ measured: KeyPath<Element, MeasuredText>) throws -> [Element] {
        let isFinite = allSatisfy { element in
            let text = element[keyPath: measured]
            return text.probabilities.allSatisfy(\.isFinite) && text.largestAttention.isFinite
        }
        guard isFinite else { throw notFinite() }
        return self
    }
}
