import Encoders
import Randomness
import Testing
import Warrant

@Suite struct LabelOrderTests {
    @Test func numbersStandByValueAndOtherLabelsByTheirBytes() {
        let ordered = [
            "-100000000000000000000000", "-12", "-2", "-1.5", "-1", "-0", "0", "0.5", "+1", "01",
            "1", "1.0", "1.25", "1.3", "2", "10", "99999999999999999999", "100000000000000000000",
            "", "-", ".5", "1.", "1.2.3", "1e3", "A", "B", "a", "b", "e\u{301}", "z", "é", "一",
        ]
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<50 {
            #expect(LabelOrder.sorted(generator.shuffled(ordered)) == ordered)
        }
        #expect(
            LabelOrder.sorted((1...12).map { "\($0)" }.reversed()) == (1...12).map { "\($0)" })
    }
}
