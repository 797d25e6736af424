import Classifiers
import JSON
import Metrics
import Models
import Rationales
import Tensors

/// What the support model says of a document when words are taken out of it, by their scores.
package struct Ablation: Sendable {
    /// What it says of the document without a selection, and of the selection alone: probabilities of
    /// the classes.
    package struct Pair: Sendable {
        /// Of what is left without the selection.
        package let without: [Double]
        /// Of the selection alone.
        package let only: [Double]
    }

    /// Of the whole document: probabilities of the classes.
    package let full: [Double]
    /// With respect to the rationale.
    package let rationale: Pair
    /// With respect to the words with the highest scores: for each of `Faithfulness.thresholds`.
    package let thresholds: [Pair]

    /// The class that the support model predicts from the whole document.
    package var predicted: Int { full.indices.reduce(0) { full[$1] > full[$0] ? $1 : $0 } }
}

/// Comprehensiveness and sufficiency of word scores, as the support model sees it.
public struct SupportFaithfulness: Sendable {
    /// Of the rationales.
    public let comprehensiveness, sufficiency: AblationMeasure
    /// Over `Faithfulness.thresholds`.
    public let comprehensivenessCurve, sufficiencyCurve: AreaOverPerturbationCurve

    /// Averages over documents; nil where there is none.
    package init?(_ ablations: [Ablation]) {
        let (full, predicted) = (ablations.map(\.full), ablations.map(\.predicted))
        guard
            let comprehensiveness = AblationMeasure(
                full: full, ablated: ablations.map(\.rationale.without), predicted: predicted),
            let sufficiency = AblationMeasure(
                full: full, ablated: ablations.map(\.rationale.only), predicted: predicted),
            let comprehensivenessCurve = AreaOverPerturbationCurve(
                full: full, ablated: ablations.map { $0.thresholds.map(\.without) },
                predicted: predicted),
            let sufficiencyCurve = AreaOverPerturbationCurve(
                full: full, ablated: ablations.map { $0.thresholds.map(\.only) },
                predicted: predicted)
        else { return nil }
        self.comprehensiveness = comprehensiveness
        self.sufficiency = sufficiency
        self.comprehensivenessCurve = comprehensivenessCurve
        self.sufficiencyCurve = sufficiencyCurve
    }

    /// All figures.
    package var json: JSONText {
        func measure(
            _ rationale: AblationMeasure, _ curve: AreaOverPerturbationCurve
        ) -> JSONText {
            [
                "rationale": .double(rationale.drop), "aopc": .double(curve.area),
                "points": .array(curve.points.map { .double($0) }),
            ]
        }
        return [
            "thresholds": .array(Faithfulness.thresholds.map { .double($0) }),
            "comprehensiveness": measure(comprehensiveness, comprehensivenessCurve),
            "sufficiency": measure(sufficiency, sufficiencyCurve),
        ]
    }
}

extension RationaleModel {
    /// Takes each document's rationale, and its words with the highest scores, away from the support
    /// model, and gives it nothing else: twelve passes over parts of each document.
    ///
    /// - Parameters:
    ///   - documents: those that `extractions` were taken from.
    ///   - whole: what the support model says of them.
    /// - Throws: `TokenizerError` where a query leaves no room for a document.
    func ablations(
        _ documents: [Document], _ extractions: [Extraction], whole: [Prediction]
    ) throws -> [Ablation] {
        var ablations: [Ablation] = []
        // A few documents at a time: each becomes twelve.
        for part in documents.stretches(of: 32, upTo: 1 << 19, weighing: \.text.utf8.count) {
            let copies = part.flatMap { index -> [Document] in
                let scores = extractions[index].saliency.scores
                let selections =
                    [extractions[index].rationale.selection]
                    + Faithfulness.thresholds.map { TopK(ratio: $0).select(scores) }
                let words = manifest.words.ranges(in: documents[index].text)
                return selections.flatMap { selection -> [Document] in
                    let selected = Set(selection)
                    let rest = words.indices.filter { !selected.contains($0) }
                    return [rest, selection].map { selection in
                        Document(
                            Rationale(
                                text: documents[index].text, words: words, selection: selection
                            ).classifierInput(query: nil).text, query: documents[index].query)
                    }
                }
            }
            let probabilities = try supportPredictions(copies).map {
                CrossEntropy.probabilities($0.prediction.logits)
            }
            let each = 2 * (1 + Faithfulness.thresholds.count)
            for (number, index) in part.enumerated() {
                let own = Array(probabilities[(number * each)..<((number + 1) * each)])
                let pairs = stride(from: 0, to: each, by: 2).map {
                    Ablation.Pair(without: own[$0], only: own[$0 + 1])
                }
                ablations.append(
                    Ablation(
                        full: whole[index].probabilities.map { Double($0) }, rationale: pairs[0],
                        thresholds: Array(pairs.dropFirst())))
            }
        }
        return ablations
    }
}
