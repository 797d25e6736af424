import Datasets
import Randomness

/// Draws the rows that are taken out of the training rows for development: about a tenth of each
/// class, and of each class with at least two texts one row or more, where texts permit.
///
/// Rows of the same text stay together, or development would be measured on texts that were trained
/// on. Classes are served from the rarest to the most frequent, each from its texts in an order that
/// the seed draws. A text is taken where that brings the shares of its classes nearer to a tenth, all
/// in all, and leaves a row of each of them in training.
struct HeldOutRows {
    /// The rows that are held out, by number; empty where texts are too few.
    private(set) var rows: Set<Int> = []
    private let texts: [Text]
    private let wanted: [Int]
    private var held: [Int]
    private var left: [Int]
    private var taken: [Bool]

    /// Rows with the same text.
    private struct Text {
        var rows: [Int] = []
        /// How many rows it has of each of its classes.
        var counts: [Int: Int] = [:]
    }

    /// Draws the rows.
    ///
    /// - Parameters:
    ///   - classes: each row's class, below `classCount`.
    /// - Complexity: O(rows + texts · classes of a text).
    init(_ rows: [Example], classes: [Int], classCount: Int, seed: UInt64) {
        var generator = SeededGenerator(seed: seed, stream: "held-out rows")
        var texts: [Text] = []
        var numbers: [String: Int] = [:]
        for row in generator.shuffled(rows.indices) {
            let number = numbers[rows[row].text] ?? texts.count
            if number == texts.count {
                numbers[rows[row].text] = number
                texts.append(Text())
            }
            texts[number].rows.append(row)
            texts[number].counts[classes[row], default: 0] += 1
        }
        var textsOfClass = [[Int]](repeating: [], count: classCount)
        var left = [Int](repeating: 0, count: classCount)
        for (number, text) in texts.enumerated() {
            for (label, count) in text.counts {
                textsOfClass[label].append(number)
                left[label] += count
            }
        }
        self.texts = texts
        self.left = left
        wanted = left.indices.map { label in
            textsOfClass[label].count < 2 ? 0 : max(1, (left[label] + 5) / 10)
        }
        held = [Int](repeating: 0, count: classCount)
        taken = [Bool](repeating: false, count: texts.count)

        let rarestFirst = left.indices.sorted { (left[$0], $0) < (left[$1], $1) }
        // A text with more rows than a tenth of all is taken only where there are no others.
        for most in [max(1, rows.count / 10), rows.count / 2] where self.rows.isEmpty {
            for label in rarestFirst {
                for text in textsOfClass[label] where held[label] < wanted[label] {
                    if canTake(text, most: most), bringsNearer(text) { take(text) }
                }
                guard held[label] == 0, wanted[label] > 0 else { continue }
                let small = textsOfClass[label].filter { canTake($0, most: most) }
                    .min { self.texts[$0].rows.count < self.texts[$1].rows.count }
                if let small { take(small) }
            }
        }
    }

    /// Whether a text has at most so many rows, and each of its classes others.
    private func canTake(_ text: Int, most: Int) -> Bool {
        !taken[text] && texts[text].rows.count <= most
            && texts[text].counts.allSatisfy { left[$0.key] > $0.value }
    }

    private func bringsNearer(_ text: Int) -> Bool {
        // In order, for the sum's rounding.
        texts[text].counts.sorted { $0.key < $1.key }.reduce(0.0) { sum, part in
            let missing = wanted[part.key] - held[part.key]
            let change = abs(missing - part.value) - abs(missing)
            return sum + Double(change) / Double(max(1, wanted[part.key]))
        } < 0
    }

    private mutating func take(_ text: Int) {
        taken[text] = true
        rows.formUnion(texts[text].rows)
        for (label, count) in texts[text].counts {
            held[label] += count
            left[label] -= count
        }
    }
}
