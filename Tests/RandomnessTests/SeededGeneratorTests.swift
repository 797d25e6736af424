import Randomness
import Testing

/// The numbers were computed by a program in another language from the documented algorithms: a
/// change of any of them changes what every seed trains.
@Suite struct SeededGeneratorTests {
    @Test func drawsAreThoseOfTheDocumentedAlgorithms() {
        var plain = SeededGenerator(seed: 7)
        #expect(
            [plain.next(), plain.next(), plain.next()] == [
                0x63CB_E1E4_5932_0DD7, 0x044C_3CD7_F43C_661C, 0xE698_4080_BAB1_2A02,
            ])
        for (stream, first) in [
            ("head weights", 0xE239_0242_B9E4_2002), ("order", 0xFA62_F95B_3480_294C),
            ("dropout", 0xD121_99AD_A819_8D01), ("controls", 0x5881_CDF5_EE06_E1C5),
            ("held-out rows", 0x516E_EA14_49FE_0362), ("windows", 0x21C3_FCE0_9E5F_767D),
            ("human share", 0xB35C_AE16_0D90_50D6),
        ] as [(String, UInt64)] {
            var generator = SeededGenerator(seed: 7, stream: stream)
            #expect(generator.next() == first, "\(stream)")
        }
        var order = SeededGenerator(seed: 7, stream: "order")
        #expect(order.shuffled(0..<10) == [9, 5, 1, 0, 3, 4, 6, 8, 7, 2])
        #expect((0..<8).map { _ in order.below(6) } == [1, 0, 5, 1, 3, 5, 1, 0])
        #expect([order.unit(), order.unit()] == [0.14974681840527715, 0.7735960374570474])
        // Of so large a bound a quarter of the draws are rejected.
        var large = SeededGenerator(seed: 1)
        #expect(
            (0..<4).map { _ in large.below(1 << 62 + 1 << 61 + 1) } == [
                3_919_206_142_200_308_424, 5_158_966_954_149_910_695, 3_073_867_782_683_167_588,
                3_073_213_963_922_613_285,
            ])
    }

    @Test func everyOrderAndEveryNumberIsAsLikely() {
        var generator = SeededGenerator(seed: 3, stream: "test")
        var orders: [[Int]: Int] = [:]
        var numbers = [Int](repeating: 0, count: 7)
        for _ in 0..<24_000 {
            orders[generator.shuffled(0..<4), default: 0] += 1
            numbers[generator.below(7)] += 1
        }
        // 24 orders, 1,000 each: five standard deviations are 155; 7 numbers: 271.
        #expect(orders.count == 24 && orders.values.allSatisfy { abs($0 - 1_000) < 155 })
        #expect(numbers.allSatisfy { abs($0 - 3_429) < 271 })
        #expect(generator.shuffled([Int]()).isEmpty && generator.shuffled(["one"]) == ["one"])
        #expect(generator.below(1) == 0)
    }
}
