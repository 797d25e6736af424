import CKernels
import Encoders
import Metrics
import Randomness

/// Weights that are as far as possible from a model's own and hardly change its output: adversarial
/// attention, found for one text whose states stay as they are (Jain & Wallace 2019, section 4.2.2).
///
/// K vectors are searched together, and led away from each other too (`AdversarialObjective`), by Adam
/// with the largest second moment (AMSGrad), with ε as PyTorch adds it since version 1.3. The last
/// vectors count, as for the authors, though the step before may have been better: the penalty has an
/// edge.
///
/// ```swift
/// let found = model.attend(documents, workers: workers) { number, text in
///     AdversarialAttention(text, seed: 0, number: number)
/// }
/// found[0].chosen.divergence  // 0.61
/// ```
package struct AdversarialAttention: Sendable {
    /// What a search is.
    package struct Options: Sendable {
        /// K.
        package var count = 5
        /// How many steps are taken.
        package var steps = 500
        /// Adam's learning rate.
        package var rate = 0.01
        /// The standard deviation of the vectors at the start.
        package var spread = 3.0
        /// The change of the output that has no penalty; of several logits Σ |change|.
        package var tolerance: Float = 0.01
        /// The penalty of a change that is larger by 1.
        package var penalty: Float = 500
        /// The largest change, as total variation distance, with which weights are accepted: ε.
        package var accepted = 0.05

        /// The authors' values.
        package init() {}
    }

    /// Weights, and how far they and their output are from the model's own.
    package struct Candidate: Sendable, Equatable {
        /// [words].
        package let weights: [Double]
        /// The Jensen-Shannon divergence to the model's weights, 0 to ln 2.
        package let divergence: Double
        /// The total variation distance to the model's output: |p - p'| of two classes.
        package let difference: Double
    }

    /// What was found, one for each vector.
    package let candidates: [Candidate]
    /// The candidate of the largest divergence among those whose output is accepted; the model's own
    /// weights, with a divergence of 0, where none is. Its divergence is the ε-max JSD.
    package let chosen: Candidate

    /// A search whose start is drawn: N(0, `spread`²). The authors subtract the logarithm of the text's
    /// length, which softmax takes away again.
    ///
    /// - Parameters:
    ///   - seed: the run's.
    ///   - number: the text's; what is drawn depends on the seed, on it, and on the number of words.
    package init(
        _ text: AttendedText, options: Options = Options(), seed: UInt64, number: Int
    ) {
        var generator = SeededGenerator(seed: seed, stream: "adversary.\(number)")
        let start = (0..<options.count).map { _ in
            (0..<text.words).map { _ in options.spread * generator.normal() }
        }
        self.init(text, options: options, start: start)
    }

    /// A search from given vectors [count][words].
    ///
    /// - Parameter observe: is given the objective before each step, and at the end.
    package init(
        _ text: AttendedText, options: Options = Options(), start: [[Double]],
        observe: ((_ step: Int, _ loss: Double) -> Void)? = nil
    ) {
        let own = text.ownWeights
        let expected = text.probabilities(own)
        let unchanged = Candidate(weights: own, divergence: 0, difference: 0)
        guard text.words > 0 else {
            (candidates, chosen) = ([], unchanged)
            return
        }
        let found = Self.search(text, options, start, observe).map { weights in
            Candidate(
                weights: weights, divergence: Divergence.jensenShannon(weights, own),
                difference: Divergence.totalVariation(text.probabilities(weights), expected))
        }
        candidates = found
        chosen = found.reduce(unchanged) {
            $1.difference <= options.accepted && $1.divergence > $0.divergence ? $1 : $0
        }
    }

    /// The weights [count][words] after all steps.
    private static func search(
        _ text: AttendedText, _ options: Options, _ start: [[Double]],
        _ observe: ((Int, Double) -> Void)?
    ) -> [[Double]] {
        let objective = AdversarialObjective(
            text, count: options.count, tolerance: options.tolerance, penalty: options.penalty)
        var z = objective.packed(start)
        var value = objective.makeValue()
        var moment1 = [Float](repeating: 0, count: z.count)
        var (moment2, maxima) = (moment1, moment1)
        var (power1, power2) = (1.0, 1.0)
        let (beta1, beta2) = (0.9, 0.999)
        for step in 0..<options.steps {
            objective.evaluate(z, into: &value)
            observe?(step, value.loss)
            power1 *= beta1
            power2 *= beta2
            let correction = (1 - power2).squareRoot()
            warrant_adversary_step(
                &z, value.gradient, &moment1, &moment2, &maxima, z.count, beta1, beta2,
                options.rate * correction / (1 - power1), 1e-8 * correction)
        }
        objective.evaluate(z, into: &value)
        observe?(options.steps, value.loss)
        return objective.unpacked(value.attention).map { row in row.map { Double($0) } }
    }
}
