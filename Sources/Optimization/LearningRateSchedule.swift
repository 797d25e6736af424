/// Linear warm-up from zero, then linear decay to zero at the last step; or one rate for all steps.
package struct LearningRateSchedule: Sendable {
    /// The learning rate at its highest.
    package let peak: Float
    /// Steps until the highest rate is reached.
    package let warmupSteps: Int
    /// All steps of the run.
    package let totalSteps: Int

    /// A schedule over `totalSteps`, of which a share `warmup` rises.
    package init(peak: Float, warmup: Double, totalSteps: Int) {
        precondition(totalSteps >= 0 && warmup >= 0 && warmup <= 1, "a share of a run")
        self.peak = peak
        self.totalSteps = totalSteps
        warmupSteps = Int(warmup * Double(totalSteps))
        isConstant = false
    }

    private let isConstant: Bool

    /// The same rate at every step.
    package init(constant rate: Float) {
        (peak, warmupSteps, totalSteps, isConstant) = (rate, 0, 0, true)
    }

    /// The rate of step 0, 1, …
    package func rate(step: Int) -> Float {
        if isConstant { return peak }
        if step < warmupSteps { return peak * Float(step) / Float(max(1, warmupSteps)) }
        return peak * max(0, Float(totalSteps - step) / Float(max(1, totalSteps - warmupSteps)))
    }
}
