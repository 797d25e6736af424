import Encoders
import Metrics
import Tensors

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What the frozen base model gives for a text: what an adversarial model imitates, and what it keeps away
/// from.
package struct BaseOutput: Sendable {
    /// The probability of each class; of one logit those of both classes.
    package let probabilities: [Double]
    /// The weight of each word.
    package let attention: [Float]

    /// An output.
    package init(probabilities: [Double], attention: [Float]) {
        self.probabilities = probabilities
        self.attention = attention
    }

    /// What the base model gave for a text.
    package init(_ text: AttendedText) {
        self.init(probabilities: text.probabilities(text.ownWeights), attention: text.attention)
    }
}

/// A text's part of the loss of adversarial training.
package struct DivergenceLoss: Sendable, Equatable {
    /// TVD(ŷ_a, ŷ_b) of the distributions over classes: |p_a - p_b| of two.
    package let outputDistance: Double
    /// KL(α_a ‖ α_b) over the text's words.
    package let attentionDivergence: Double
    /// TVD - λ KL.
    package let loss: Double

    /// The loss of two distances.
    init(outputDistance: Double, attentionDivergence: Double, lambda: Double) {
        self.outputDistance = outputDistance
        self.attentionDivergence = attentionDivergence
        loss = outputDistance - lambda * attentionDivergence
    }

    /// What a model that gives `own` loses.
    ///
    /// - Parameter base: what the base model gives for the same text.
    package init(_ own: BaseOutput, from base: BaseOutput, lambda: Double) {
        let terms = zip(own.attention, base.attention).map {
            Self.term(Double($0), Double($1)).value
        }
        self.init(
            outputDistance: Divergence.totalVariation(own.probabilities, base.probabilities),
            attentionDivergence: terms.reduce(0, +), lambda: lambda)
    }

    /// a ln(a / b) and its derivative with respect to a; 0 where a is 0. A weight of the base that was
    /// rounded to 0 counts as 1e-20.
    static func term(_ a: Double, _ b: Double) -> (value: Double, derivative: Double) {
        guard a > 0 else { return (0, 0) }
        let ratio = log(a / max(b, 1e-20))
        return (a * ratio, ratio + 1)
    }
}

extension AttentionClassifier {
    /// One shard of a step of adversarial training (Wiegreffe & Pinter 2019, section 4, equation 1):
    /// forward, each text's TVD(ŷ_a, ŷ_b) - λ KL(α_a ‖ α_b), and backward with the sum of them. Labels are
    /// not used.
    ///
    /// In the authors' code (`sarahwie/attention`) the TVD is half of this one for two classes, and the
    /// sum is multiplied by that of the labels' weights, which Adam hardly notices.
    ///
    /// - Parameters:
    ///   - base: of each document.
    ///   - lambda: λ.
    ///   - weight: what each text's gradient is multiplied by.
    package func divergencePass(
        _ batch: PackedBatch, questions: PackedBatch? = nil, base: [BaseOutput], lambda: Double,
        weight: Double = 1, on tape: Tape
    ) -> [DivergenceLoss] {
        precondition(base.count == batch.count, "an output for each document")
        let pass = self(batch, questions: questions, on: tape)
        let attention = pass.head.attention
        var losses: [DivergenceLoss] = []
        var logitSeed: [Float] = []
        var attentionSeed = [Float](repeating: 0, count: attention.rows)
        for (document, base) in base.enumerated() {
            let logits = (0..<outputs).map { pass.head.logits.value[document, $0] }
            let p = Self.probabilities(logits)
            precondition(
                p.count == base.probabilities.count, "both models have the same classes")
            logitSeed += Self.distanceGradient(p, base.probabilities, outputs: outputs).map {
                Float($0 * weight)
            }
            let words = batch.range(document).filter { batch.isWord[$0] }
            precondition(words.count == base.attention.count, "a weight for each word")
            var divergence = 0.0
            for (word, other) in zip(words, base.attention) {
                let (value, derivative) = DivergenceLoss.term(
                    Double(attention.value[word, 0]), Double(other))
                divergence += value
                attentionSeed[word] = Float(-lambda * weight * derivative)
            }
            let distance = Divergence.totalVariation(p, base.probabilities)
            losses.append(
                DivergenceLoss(
                    outputDistance: distance, attentionDivergence: divergence, lambda: lambda))
        }
        tape.backward(from: [(pass.head.logits, logitSeed), (attention, attentionSeed)])
        return losses
    }

    /// The gradient of ½ Σ |p - q| with respect to the logits; a probability that is equal on both
    /// sides adds 0.
    private static func distanceGradient(
        _ p: [Double], _ q: [Double], outputs: Int
    ) -> [Double] {
        let signs = zip(p, q).map { $0 > $1 ? 1.0 : $0 < $1 ? -1.0 : 0 }
        guard outputs > 1 else { return [signs[1] * p[0] * p[1]] }
        let mean = zip(p, signs).reduce(0) { $0 + $1.0 * $1.1 }
        return zip(p, signs).map { $0 * ($1 - mean) / 2 }
    }
}
