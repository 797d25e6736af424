import Datasets
import Metrics
import Rationales

extension EraserResult {
    /// Which stage a result file describes.
    public enum Stage: String, Sendable, CaseIterable {
        /// The classifier: its label from the rationale.
        case classifier
        /// The support model: its label from the whole text and, where it was asked, what it says
        /// without the rationale and from it alone.
        case support
    }

    /// What a model says of a row of an ERASER dataset.
    ///
    /// - Returns: nil for a row that has no id or names no documents, as rows of other formats.
    public init?(_ measured: MeasuredRow, stage: Stage) {
        guard let id = measured.row.id, !measured.row.parts.isEmpty else { return nil }
        let extraction = measured.classification.extraction
        // ERASER's words stand between white space, whatever the model's are.
        let runs = measured.words.runs(in: measured.row.text)
        let selected = Self.runs(runs, holding: extraction.rationale.snippets.map(\.words))
        var rationales: [Rationale] = []
        var first = 0
        for part in measured.row.parts {
            let words = first..<(first + part.words)
            first = words.upperBound
            // metrics.py has no curve for a document without tokens.
            guard part.tokens?.count ?? part.words > 0 else { continue }
            let snippets = selected.compactMap { snippet -> Range<Int>? in
                let own = snippet.clamped(to: words)
                guard !own.isEmpty else { return nil }
                return own.lowerBound - words.lowerBound..<own.upperBound - words.lowerBound
            }
            let scores = words.map { run -> Double in
                let own = runs[run].clamped(to: extraction.saliency.scores.indices)
                return extraction.saliency.scores[own].reduce(0) { $0 + Double($1) }
            }
            rationales.append(
                Rationale(
                    docid: part.name, hard: part.tokens(of: snippets).map { Span($0) },
                    soft: part.scores(scores)))
        }
        let prediction =
            stage == .support ? measured.whole : measured.classification.prediction
        func scores(_ values: [Double]) -> [String: Double] {
            Dictionary(uniqueKeysWithValues: zip(prediction.labels, values))
        }
        self.init(
            annotationID: id, rationales: rationales, classification: prediction.label,
            classificationScores: scores(prediction.probabilities.map { Double($0) }))
        guard stage == .support, let ablation = measured.ablation else { return }
        comprehensivenessScores = scores(ablation.rationale.without)
        sufficiencyScores = scores(ablation.rationale.only)
        thresholdedScores = zip(Faithfulness.thresholds, ablation.thresholds).map {
            Thresholded(
                threshold: $0, comprehensiveness: scores($1.without), sufficiency: scores($1.only))
        }
    }
}

extension EraserResult {
    /// The runs that hold any of some ranges of words, as ascending ranges without neighbours.
    ///
    /// - Parameter runs: for each run its words.
    private static func runs(
        _ runs: [Range<Int>], holding selected: [Range<Int>]
    ) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var first = 0
        for words in selected {
            while runs[first].upperBound <= words.lowerBound { first += 1 }
            var end = first
            while end < runs.count, runs[end].lowerBound < words.upperBound { end += 1 }
            if let last = found.last, last.upperBound >= first {
                found[found.count - 1] = last.lowerBound..<end
            } else {
                found.append(first..<end)
            }
        }
        return found
    }
}

extension Example.Part {
    /// The tokens that hold any of the words of ascending ranges, or stand within one without a word
    /// of their own, as ascending ranges.
    fileprivate func tokens(of words: [Range<Int>]) -> [Range<Int>] {
        guard let tokens else { return words }
        var ranges: [Range<Int>] = []
        var rest = words[...]
        for (index, token) in tokens.enumerated() {
            rest = rest.drop { $0.upperBound <= token.lowerBound }
            guard let next = rest.first,
                token.isEmpty ? next.lowerBound < token.lowerBound : next.overlaps(token)
            else { continue }
            if let last = ranges.last, last.upperBound == index {
                ranges[ranges.count - 1] = last.lowerBound..<index + 1
            } else {
                ranges.append(index..<index + 1)
            }
        }
        return ranges
    }

    /// A token's score: the highest of its words', and 0 where it has none.
    fileprivate func scores(_ scores: [Double]) -> [Double] {
        guard let tokens else { return scores }
        return tokens.map { scores[$0].max() ?? 0 }
    }
}
