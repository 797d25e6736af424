import Tensors
import Testing

@Suite("Float formats")
struct FloatFormatTests {
    @Test(
        "bfloat16 rounds to nearest, ties to even",
        arguments: [
            (0x3F80_0000, 0x3F80),  // 1
            (0x3F80_8000, 0x3F80),  // a tie goes down to the even neighbour
            (0x3F81_8000, 0x3F82),  // a tie goes up to the even neighbour
            (0x3F80_8001, 0x3F81),  // just above a tie
            (0x3F80_7FFF, 0x3F80),  // just below a tie
            (0xBF81_8000, 0xBF82),  // the sign stays
            (0x7F7F_FFFF, 0x7F80),  // the largest single rounds to infinity
            (0x7F80_0000, 0x7F80),  // infinity stays
            (0x8000_0000, 0x8000),  // minus zero stays
            (0x0000_0001, 0x0000),  // the smallest subnormal vanishes
        ] as [(UInt32, UInt16)])
    func brainRounding(single: UInt32, expected: UInt16) {
        #expect(FloatFormat.brain(Float(bitPattern: single)) == expected)
    }

    @Test(
        "NaN stays NaN, with its sign, whatever its payload",
        arguments: [
            0x7FC0_0000, 0x7F80_0001, 0x7FFF_FFFF, 0xFFFF_FFFF, 0xFF80_0001,
        ] as [UInt32])
    func notANumber(single: UInt32) {
        let value = Float(bitPattern: single)
        let brain = FloatFormat.float(brain: FloatFormat.brain(value))
        let half = FloatFormat.float(half: FloatFormat.half(value))
        #expect(brain.isNaN && half.isNaN)
        #expect(brain.sign == value.sign && half.sign == value.sign)
    }

    @Test("every bfloat16 and every half survives a round trip")
    func everyPattern() {
        for bits in UInt16.min...UInt16.max {
            let brain = FloatFormat.float(brain: bits)
            let half = FloatFormat.float(half: bits)
            if !brain.isNaN, FloatFormat.brain(brain) != bits {
                Issue.record("bfloat16 \(bits) changed")
            }
            if !half.isNaN, FloatFormat.half(half) != bits { Issue.record("half \(bits) changed") }
        }
    }

    @Test("halves have the values of the format's definition")
    func halfValues() {
        #expect(FloatFormat.float(half: 0x0001) == 0x1p-24)
        #expect(FloatFormat.float(half: 0x03FF) == 1023 * 0x1p-24)
        #expect(FloatFormat.float(half: 0x0400) == 0x1p-14)
        #expect(FloatFormat.float(half: 0x3555) == 1365 * 0x1p-12)
        #expect(FloatFormat.float(half: 0x7BFF) == 65504)
        #expect(FloatFormat.float(half: 0xFC00) == -.infinity)
        #expect(FloatFormat.half(65519.99) == 0x7BFF)
        #expect(FloatFormat.half(65520) == 0x7C00)
        #expect(FloatFormat.half(0x1p-25) == 0)
        #expect(FloatFormat.half(0x1.000002p-25) == 1)
    }

    // The system's own Float16 is the judge; it is missing on Intel Macs only.
    #if !(os(macOS) && arch(x86_64))
    @Test("halves agree with the system's Float16 on 400,000 seeded bit patterns")
    func halfAgainstSystem() {
        var random = PatternGenerator(seed: 7)
        for _ in 0..<400_000 {
            // Half of the draws fall where halves are neither zero nor infinite.
            let drawn = UInt32(truncatingIfNeeded: random.next())
            let bits = drawn & 1 == 0 ? drawn : drawn & 0x80FF_FFFF | (drawn >> 3 & 31 + 100) << 23
            let value = Float(bitPattern: bits)
            guard !value.isNaN else { continue }
            if FloatFormat.half(value) != Float16(value).bitPattern {
                Issue.record("\(value) became \(FloatFormat.half(value))")
            }
        }
    }
    #endif
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers on every run and system.
struct PatternGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
