/// The smallest set of words that holds a share of the document's saliency.
///
/// Words are taken from the highest score down, the earlier first among equal ones, until their
/// scores add up to `mass` times the sum of all. So a document whose saliency lies on few words
/// gets a short rationale. A negative score holds no saliency; where no score is positive the
/// first of the highest words is kept.
///
///     TopP(mass: 0.5).select([0.1, 0.3, 0.2, 0.3, 0.1]) // [1, 3]
///
/// The idea is that of nucleus sampling, with saliency for probability: Holtzman, Buys, Du, Forbes
/// and Choi, *The Curious Case of Neural Text Degeneration*, ICLR 2020, section 3.1.
package struct TopP: Thresholder, Hashable {
    /// The share of the saliency to keep, in (0, 1].
    package let mass: Double

    /// The name `top-p`.
    package var name: String { ThresholderName.topP.rawValue }

    /// Keeps a share of a document's saliency, `mass` in (0, 1].
    package init(mass: Double) {
        precondition(mass > 0 && mass <= 1, "a mass lies above 0 and is at most 1")
        self.mass = mass
    }

    /// Selects the fewest words whose exact sum reaches the share.
    ///
    /// The share is taken as the decimal that was meant, to nine places: a tenth of ten equal
    /// scores is one word, although the number next to 0.1 in binary is above it.
    ///
    /// - Complexity: O(n log n) for n words.
    package func select(_ scores: [Float], sentences: [Range<Int>]) -> [Int] {
        let values = FixedPoint.values(scores.map { max($0, 0) })
        let parts: Int128 = 1_000_000_000
        let needed = values.reduce(0, +)
            .multipliedFullWidth(by: Int128((mass * Double(parts)).rounded()))

        var selection: [Int] = []
        var sum: Int128 = 0
        for word in ranking(scores) {
            selection.append(word)
            sum += values[word]
            if sum.multipliedFullWidth(by: parts) >= needed { break }
        }
        return selection.sorted()
    }
}

extension ThresholderName {
    /// ``TopP``.
    public static let topP = ThresholderName("top-p")
}

extension TopP {
    static let entry = Thresholders.Entry(
        .topP, "the smallest set that holds --mass of the scores", options: [.mass],
        needs: [[.mass]]
    ) { settings throws(ThresholderError) in TopP(mass: try settings.given(settings.mass, .mass)) }
}
