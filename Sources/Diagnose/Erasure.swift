import AttentionModels
import Diagnostics
import Encoders
import JSON
import Metrics
import Pictures
import Training

/// Whether the words with the largest weights decide (Serrano & Smith 2019, sections 4 and 5).
package struct Erasure: Diagnostic {
    package static let entry = DiagnosticEntry(
        "erasure",
        question: "Do the words with the largest weights decide?",
        measure: """
            First, the largest weight of each text is set to 0, and another one drawn at random: which \
            moves the output further (Jensen-Shannon divergence), and which changes the decision? \
            Then weights are set to 0 one after the other, the rest divided by their sum, until the \
            decision changes: the fewer it takes, the better is the order. Orders are random, by \
            attention, by the gradient of the predicted class's probability with respect to the weight, \
            and by the product of both; attention ascending and the gradient's sign times attention are \
            controls.
            """,
        source: """
            Serrano & Smith, "Is Attention Interpretable?", ACL 2019, sections 4 and 5. Their models \
            (HAN, FLAN) have other encoders; here it is the model at hand.
            """,
        needs: .wordModel, settings: [.orders])

    private let orders: Int
    private let seed: UInt64 = 0

    package init(_ settings: DiagnosticSettings) { orders = settings.orders }

    package var dependencies: StageKey.Dependencies { [("orders", .integer(orders))] }

    /// What is found.
    package struct Findings: Codable, Sendable {
        var epoch: Int
        var texts: [Text]
    }

    /// What is found of a text.
    struct Text: Codable, Sendable {
        var measured: MeasuredText
        /// nil of a text of fewer than two words.
        var single: Single?
        /// By ranking, of each of its orders; empty of a text of fewer than two words.
        var sets: [String: [Set]]

        /// The erasure of the largest weight and of another one.
        struct Single: Codable, Sendable {
            /// ΔJS and Δα.
            var divergence, weight: Double
            /// Whether the largest, and whether the other, changes the decision.
            var largestFlips, otherFlips: Bool
        }

        /// The weights that were erased until the decision changed.
        struct Set: Codable, Sendable {
            /// How many; -1 where the decision never changes.
            var erased: Int
            /// Their sum.
            var mass: Double
        }
    }

    package func isSound(_ findings: Findings, of texts: MeasuredSet) -> Bool {
        isEpoch(findings.epoch) && texts.matches(findings.texts.map(\.measured))
            && findings.texts.allSatisfy { text in
                guard text.measured.words > 1 else { return text.single == nil }
                guard let single = text.single else { return false }
                // Differences of two divergences, and of two weights.
                return isDivergence(abs(single.divergence)) && isShare(single.weight)
                    && ErasureRanking.allCases.allSatisfy { ranking in
                        guard let sets = text.sets[ranking.rawValue] else { return false }
                        return sets.count == (ranking == .random ? orders : 1)
                            && sets.allSatisfy { isSound($0, words: text.measured.words) }
                    }
            }
    }

    private func isSound(_ set: Text.Set, words: Int) -> Bool {
        (set.erased == -1 || (1...words).contains(set.erased))
            && (0...(1 + 1e-5)).contains(set.mass)
    }

    package func findings(
        _ subject: DiagnosticSubject, in graph: StageGraph
    ) throws -> Findings {
        let (trained, texts) = try subject.attended(for: Self.entry.name, in: graph)
        let found = trained.model.attend(
            texts.documents, questions: texts.questions, workers: subject.workers
        ) { number, text in
            let measured = MeasuredText(label: texts.labels[number], text)
            guard let single = SingleErasure(text, seed: seed, number: number) else {
                return Text(measured: measured, single: nil, sets: [:])
            }
            let sets = ErasureRanking.allCases.map { ranking in
                (
                    ranking.rawValue,
                    ranking.orders(text, randomOrders: orders, seed: seed, number: number).map {
                        order in
                        let flip = DecisionFlip(text, order: order)
                        return Text.Set(erased: flip?.erased ?? -1, mass: flip?.mass ?? 0)
                    }
                )
            }
            return Text(
                measured: measured,
                single: .init(
                    divergence: single.divergenceDifference, weight: single.weightDifference,
                    largestFlips: single.highest.isFlip, otherFlips: single.other.isFlip),
                sets: Dictionary(uniqueKeysWithValues: sets))
        }
        return Findings(
            epoch: trained.epoch, texts: try found.finite(\.measured))
    }
}
