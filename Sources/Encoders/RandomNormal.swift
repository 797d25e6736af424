#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A seeded stream of numbers that is the same on every machine (splitmix64, Steele et al. 2014).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A stream of its own for each seed.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A draw from the normal distribution with mean 0 and standard deviation 1 (Box & Muller
    /// 1958).
    mutating func normal() -> Double {
        // 53 bits each; the first is above zero, so that its logarithm is finite.
        let first = (Double(next() >> 11) + 1) / 9_007_199_254_740_992
        let second = Double(next() >> 11) / 9_007_199_254_740_992
        return (-2 * log(first)).squareRoot() * cos(2 * .pi * second)
    }
}
