import AttentionModels
import Diagnostics
import Training

/// The texts that findings are of. Files may have been altered since they were written: findings that
/// were kept are read only where they agree with these.
package struct MeasuredSet: Sendable {
    /// How many classes there are; 0 without texts.
    let classes: Int
    /// Each text's class.
    let labels: [Int]
    /// How many words each text has.
    let words: [Int]
    /// How many tokens each text has, start and end among them.
    let positions: [Int]

    /// No texts.
    static let none = MeasuredSet()

    private init() { (classes, labels, words, positions) = (0, [], [], []) }

    /// Texts of a set.
    ///
    /// - Parameter classes: how many there are.
    init(_ texts: WordTexts, classes: Int) {
        self.classes = classes
        labels = texts.labels
        words = texts.documents.map(\.words.count)
        positions = texts.documents.map(\.ids.count)
    }

    /// Texts as a transformer reads them, whose words are those that have a piece.
    init(_ texts: EncoderTexts, classes: Int) {
        self.classes = classes
        labels = texts.labels
        words = texts.documents.map(\.wordsWithPieces.count)
        positions = texts.documents.map(\.ids.count)
    }

    /// How many texts there are.
    var count: Int { labels.count }

    /// Whether probabilities of classes are given, as many as there are classes.
    func areProbabilities(_ numbers: [Double]) -> Bool {
        numbers.count == classes && numbers.allSatisfy(isShare)
            && abs(numbers.reduce(0, +) - 1) < 1e-4
    }

    /// Whether measured texts are these.
    func matches(_ texts: [MeasuredText]) -> Bool {
        texts.count == count
            && texts.indices.allSatisfy { number in
                let text = texts[number]
                return text.label == labels[number] && text.words == words[number]
                    && areProbabilities(text.probabilities)
                    && (0...(1 + 1e-5)).contains(text.largestAttention)
            }
    }
}

extension DiagnosticSubject {
    /// The texts that are measured.
    func measuredSet(in graph: StageGraph) throws -> MeasuredSet {
        switch self {
        case .words(let subject):
            MeasuredSet(try subject.texts(in: graph), classes: subject.labels.count)
        case .loaded(let subject): subject.measuredSet
        case .none: .none
        }
    }
}

extension AttentionScores {
    /// Whether the figures lie where they can.
    ///
    /// - Parameter texts: how many texts there are.
    func isSound(texts: Int) -> Bool {
        count == texts
            && ([accuracy, macroF1, positiveF1] + [rocAUC].compactMap { $0 }).allSatisfy(isShare)
    }
}

/// Whether a figure can be a Jensen-Shannon divergence in nats: 0 to ln 2, but for roundings.
func isDivergence(_ figure: Double) -> Bool { (-1e-6...0.693_148).contains(figure) }

/// Whether a model can be at the end of this epoch.
func isEpoch(_ number: Int) -> Bool { (1...1_000_000).contains(number) }
