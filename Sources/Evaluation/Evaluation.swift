import Classifiers
import Datasets
import Metrics
import Models
import Tokenization

/// What a model scores on labelled rows: its classifier on rationales, its support model on whole
/// texts.
public struct Evaluation: Sendable {
    /// The classes by index.
    public let labels: [String]
    /// Rows without a word: they get no label and count in no score.
    public private(set) var unreadable: [SourceLocation] = []
    /// Rows of which only the beginning was read.
    public private(set) var truncated = 0
    /// Rows that were read in more than one chunk.
    public private(set) var chunked = 0
    /// How many rows have a rationale that holds all of their words.
    public private(set) var wholeRationales = WholeRationales()
    private var gold: [Int] = []
    private var supportLabels: [Int] = []
    private var classifierLabels: [Int] = []
    private var supportConfidences: [Double] = []
    private var classifierConfidences: [Double] = []
    private var marked: [MarkedDocument] = []
    private var ablations: [Ablation] = []
    private var selectedWords = 0
    private var allWords = 0

    /// What the model takes for words.
    public let words: WordRule

    init(labels: [String], words: WordRule) {
        self.labels = labels
        self.words = words
    }

    /// Adds rows.
    ///
    /// - Parameter whole: what the support model says of each row's whole text.
    /// - Returns: those that count.
    mutating func add(
        _ rows: [Example], _ classifications: [Classification?], whole: [Prediction?]
    ) -> [MeasuredRow] {
        var measured: [MeasuredRow] = []
        for (row, (classification, whole)) in zip(rows, zip(classifications, whole)) {
            guard let classification, let whole,
                let label = row.label.flatMap({ labels.firstIndex(of: $0) })
            else {
                unreadable.append(row.location)
                continue
            }
            gold.append(label)
            let prediction = classification.prediction
            supportLabels.append(whole.index)
            supportConfidences.append(Double(whole.probabilities[whole.index]))
            classifierLabels.append(prediction.index)
            classifierConfidences.append(Double(prediction.probabilities[prediction.index]))
            wholeRationales.add(row.text, classification.extraction)
            selectedWords += classification.rationale.selection.count
            allWords += classification.extraction.words
            if classification.extraction.isTruncated { truncated += 1 }
            if classification.extraction.chunks > 1 { chunked += 1 }
            if let human = row.document.humanRationale(in: words) {
                marked.append(
                    MarkedDocument(
                        human: human, selection: classification.rationale.selection,
                        scores: classification.extraction.saliency.scores,
                        words: classification.extraction.words))
            }
            measured.append(
                MeasuredRow(
                    row: row, classification: classification, whole: whole, words: words))
        }
        return measured
    }

    /// Adds what the support model says of the rows without their rationales.
    mutating func add(_ ablations: [Ablation]) { self.ablations += ablations }

    /// Agreement with human rationales; nil where no row has one.
    public var plausibility: Plausibility? { Plausibility(marked) }

    /// What the support model's predictions owe to the rationales; nil where that was not measured.
    public var faithfulness: SupportFaithfulness? { SupportFaithfulness(ablations) }

    /// How many rows were measured.
    public var documents: Int { gold.count }
    /// How many of them have no human rationale, and do not count in ``plausibility``.
    public var withoutRationale: Int { documents - marked.count }
    /// The support model's metrics, on whole texts.
    public var support: ClassificationMetrics {
        ClassificationMetrics(gold: gold, predicted: supportLabels, classCount: labels.count)
    }
    /// The classifier's metrics, on rationales.
    public var classifier: ClassificationMetrics {
        ClassificationMetrics(gold: gold, predicted: classifierLabels, classCount: labels.count)
    }
    /// How far the support model's probabilities are from its accuracy.
    public var supportCalibration: CalibrationError {
        CalibrationError(
            confidences: supportConfidences, correct: zip(gold, supportLabels).map { $0 == $1 })
    }
    /// How far the classifier's probabilities are from its accuracy.
    public var classifierCalibration: CalibrationError {
        CalibrationError(
            confidences: classifierConfidences,
            correct: zip(gold, classifierLabels).map { $0 == $1 })
    }
    /// The share of all words that rationales hold.
    public var rationaleShare: Double {
        allWords == 0 ? 0 : Double(selectedWords) / Double(allWords)
    }
}

/// A row with all that was measured of it.
public struct MeasuredRow: Sendable {
    /// The row.
    public let row: Example
    /// What the model answers.
    public let classification: Classification
    /// What the support model says of the whole text.
    public let whole: Prediction
    /// What the model takes for words.
    public let words: WordRule
    /// What it says of parts of the text; nil where it was not asked.
    package internal(set) var ablation: Ablation?
}
