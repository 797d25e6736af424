/// The whole sentences with the largest saliency that fit into a ``Budget`` of words.
///
/// Which sentences those are is the 0/1 knapsack problem: a sentence weighs its words and is worth
/// the sum of its scores. Among sets of the same worth the one with fewer words wins, then the one
/// with the earlier sentences: at the first sentence in which two sets differ, the one that has it.
///
/// The budget is never exceeded. Where it is smaller than every sentence, the heaviest span of as
/// many words as it allows is kept, taken from inside one sentence. Where no sentence that fits
/// has a positive sum, the best of them is kept alone.
///
///     let scores: [Float] = [0.1, 0.1, 0.3, 0.1, 0.2, 0.2]
///     Sentences(words: 4).select(scores, sentences: [0..<2, 2..<4, 4..<6]) // [2, 3, 4, 5]
///
/// Source of the two algorithms: Kellerer, Pferschy and Pisinger, *Knapsack Problems*, Springer
/// 2004, sections 2.1 and 2.3.
package struct Sentences: Thresholder, Hashable {
    /// The most table cells, sentences times words of the budget, for which the best set is found;
    /// past that it is approximated.
    package static let tableLimit = 1 << 20

    /// The most words that are kept.
    package let budget: Budget

    /// The name `sentences`.
    package var name: String { ThresholderName.sentences.rawValue }

    /// Whole sentences are selected.
    package var readsSentences: Bool { true }

    /// Keeps whole sentences within the budget.
    package init(budget: Budget) {
        budget.checkRange()
        self.budget = budget
    }

    /// Keeps at most a share of a document's words, `ratio` in (0, 1].
    package init(ratio: Double) { self.init(budget: .ratio(ratio)) }

    /// Keeps at most a number of words, at least 1.
    package init(words: Int) { self.init(budget: .words(words)) }

    /// Selects whole sentences.
    ///
    /// The best set up to ``tableLimit`` cells; past that, sentences are taken by saliency a word
    /// while they fit, or the best single one where it is worth more, which holds at least half of
    /// what the best set does.
    ///
    /// - Complexity: O(s · b) time and bits for s sentences and a budget of b words up to the
    ///   limit; O(n + s log s) for n words past it.
    package func select(_ scores: [Float], sentences: [Range<Int>]) -> [Int] {
        Self.check(sentences, wordCount: scores.count)
        let values = FixedPoint.values(scores)
        let size = budget.size(wordCount: scores.count)
        let fitting = sentences.filter { $0.count <= size }
            .map { Sentence(words: $0, worth: values[$0].reduce(0, +)) }
        guard let best = Self.best(of: fitting) else {
            return Self.span(of: size, in: sentences, values)
        }
        let worthy = fitting.filter { $0.worth > 0 }
        let chosen: [Sentence]
        if worthy.isEmpty {
            chosen = [best]
        } else if worthy.count * size <= Self.tableLimit {
            chosen = Self.exact(worthy, size: size)
        } else {
            chosen = Self.greedy(worthy, size: size, best: best)
        }
        return chosen.flatMap { Array($0.words) }
    }

    private struct Sentence {
        let words: Range<Int>
        let worth: Int128
    }

    /// What a table cell holds: a set's worth and number of words.
    private struct Worth: Comparable {
        var sum: Int128 = 0
        var words = 0

        /// Orders by worth, then by fewer words.
        static func < (first: Self, second: Self) -> Bool {
            first.sum == second.sum ? first.words > second.words : first.sum < second.sum
        }
    }

    private static func best(of sentences: [Sentence]) -> Sentence? {
        sentences.dropFirst().reduce(sentences.first) { best, sentence in
            best.map { sentence.worth > $0.worth ? sentence : $0 }
        }
    }

    /// Dynamic programming from the last sentence to the first, so that the choice can be read off
    /// from the first to the last and ties go to the earlier.
    private static func exact(_ sentences: [Sentence], size: Int) -> [Sentence] {
        // After sentence i: the best set of sentences from i on, by the number of words allowed.
        var best = [Worth](repeating: Worth(), count: size + 1)
        // [sentences, size + 1]: whether that set has sentence i.
        var takes = [Bool](repeating: false, count: sentences.count * (size + 1))
        for (index, sentence) in sentences.enumerated().reversed() {
            let words = sentence.words.count
            for allowed in stride(from: size, through: words, by: -1) {
                var taken = best[allowed - words]
                taken.sum += sentence.worth
                taken.words += words
                if taken >= best[allowed] {
                    best[allowed] = taken
                    takes[index * (size + 1) + allowed] = true
                }
            }
        }
        var allowed = size
        return sentences.enumerated().compactMap { index, sentence in
            guard takes[index * (size + 1) + allowed] else { return nil }
            allowed -= sentence.words.count
            return sentence
        }
    }

    /// Takes sentences by worth a word while they fit, the earlier first among equal ones.
    private static func greedy(
        _ sentences: [Sentence], size: Int, best: Sentence
    ) -> [Sentence] {
        let order = sentences.indices.sorted { first, second in
            // worth₁ / words₁ against worth₂ / words₂, without a division.
            let left = sentences[first].worth
                .multipliedFullWidth(by: Int128(sentences[second].words.count))
            let right = sentences[second].worth
                .multipliedFullWidth(by: Int128(sentences[first].words.count))
            return left == right ? first < second : left > right
        }
        var allowed = size
        let chosen = order.filter { index in
            guard sentences[index].words.count <= allowed else { return false }
            allowed -= sentences[index].words.count
            return true
        }
        let sum = chosen.reduce(0) { $0 + sentences[$1].worth }
        return sum >= best.worth ? chosen.sorted().map { sentences[$0] } : [best]
    }

    /// The heaviest span that lies inside one sentence, where each has more than `size` words.
    private static func span(
        of size: Int, in sentences: [Range<Int>], _ values: [Int128]
    ) -> [Int] {
        let spans = sentences.map { heaviestSpan(length: size, in: values[$0]) }
        let best = spans.dropFirst().reduce(spans.first) { best, span in
            best.map { span.sum > $0.sum ? span : $0 }
        }
        return best.map { Array($0.span) } ?? []
    }

    private static func check(_ sentences: [Range<Int>], wordCount: Int) {
        var end = 0
        for sentence in sentences {
            precondition(
                sentence.lowerBound == end && !sentence.isEmpty,
                "sentences ascend, are not empty and leave no word out")
            end = sentence.upperBound
        }
        precondition(end == wordCount, "the sentences hold all words")
    }
}

extension ThresholderName {
    /// ``Sentences``.
    public static let sentences = ThresholderName("sentences")
}

extension Sentences {
    static let entry = Thresholders.Entry(
        .sentences, "the best whole sentences, within --ratio or --words"
    ) { Sentences(budget: $0) }
}
