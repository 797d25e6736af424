import Testing
import Warrant

@Suite("Which precision a model answers in")
struct PrecisionChoiceTests {
    /// Macro-F1s that lie `points` apart.
    private func record(_ points: Double, documents: Int = 200) -> PrecisionRecord {
        PrecisionRecord(documents: documents, fp32: 0.8, bf16: 0.8 - points / 100)
    }

    @Test func autoTakesBF16OnlyWhereScoresWereSeenToStay() {
        let fast: Precision = Precision.hasFastBF16 ? .bf16 : .fp32
        #expect(PrecisionChoice.auto.resolved(nil) == .fp32, "nothing is known of the model")
        #expect(PrecisionChoice.auto.resolved(record(0.4)) == fast)
        #expect(PrecisionChoice.auto.resolved(record(-0.4)) == fast)
        #expect(PrecisionChoice.auto.resolved(record(0.6)) == .fp32)
        #expect(PrecisionChoice.auto.resolved(record(0, documents: 199)) == .fp32)
        #expect(PrecisionChoice.auto.resolved(record(-0.6)) == .fp32)
    }

    @Test func aNamedPrecisionIsTakenWhereTheCPUHasIt() {
        #expect(PrecisionChoice.fp32.resolved(record(0)) == .fp32)
        #expect(
            PrecisionChoice.bf16.resolved(record(9))
                == (Precision.hasFastBF16 ? .bf16 : .fp32))
        #expect((PrecisionChoice.bf16.notice == nil) == Precision.hasFastBF16)
        #expect(PrecisionChoice.fp32.notice == nil && PrecisionChoice.auto.notice == nil)
    }
}
