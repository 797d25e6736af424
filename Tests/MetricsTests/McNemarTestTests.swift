import Metrics
import Testing

@Suite("McNemar's exact test") struct McNemarTestTests {
    /// Counts, and the probability in 1024ths: (C(10, 8) + C(10, 9) + C(10, 10)) of 2^10, and so on.
    private static let cases: [(more: Int, fewer: Int, share: Double)] = [
        (8, 2, 56), (2, 8, 1_013), (5, 5, 638), (3, 1, 320), (4, 0, 64), (0, 4, 1_024),
        (1, 0, 512), (0, 0, 1_024),
    ]

    @Test(arguments: cases)
    func smallCounts(more: Int, fewer: Int, share: Double) {
        #expect(abs(McNemarTest.pValue(more: more, fewer: fewer) - share / 1_024) < 1e-12)
    }

    @Test func largeCountsNeitherOverflowNorVanish() {
        // Twice the standard deviation of √(n) / 2 above the mean, with continuity correction.
        let p = McNemarTest.pValue(more: 5_100, fewer: 4_900)
        #expect(abs(p - 0.02330) < 1e-4)
        #expect(abs(McNemarTest.pValue(more: 4_900, fewer: 5_100) + p - 1) < 0.002)
        #expect(McNemarTest.pValue(more: 3_000, fewer: 0) == 0)
        #expect(McNemarTest.pValue(more: 0, fewer: 3_000) == 1)
    }
}
