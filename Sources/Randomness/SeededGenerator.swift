#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A seeded sequence of random numbers that is the same on every machine and with every version of
/// Swift: splitmix64 (Steele, Lea & Flood 2014), with draws of this project's own.
///
/// The standard library's `shuffled(using:)` and `random(in:using:)` may draw otherwise in another
/// version; nothing that decides results uses them. What is drawn for different purposes comes from
/// streams with different names, so that more draws for one purpose leave the others as they are:
///
/// ```swift
/// var order = SeededGenerator(seed: 0, stream: "order")
/// order.shuffled(["a", "b", "c"])
/// ```
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// A sequence of its own for each seed.
    package init(seed: UInt64) { state = seed }

    /// The sequence of one purpose in a run.
    ///
    /// - Parameters:
    ///   - seed: the run's.
    ///   - stream: the purpose, such as `order`.
    package init(seed: UInt64, stream: String) {
        self.init(seed: Self.seed(seed, stream: stream))
    }

    /// The seed of one purpose in a run: splitmix64's finaliser over the run's seed, and again over
    /// the result combined by XOR with the name's FNV-1a hash (64 bits, of its UTF-8).
    package static func seed(_ seed: UInt64, stream: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return mixed((mixed(seed &+ increment) ^ hash) &+ increment)
    }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        state &+= Self.increment
        return Self.mixed(state)
    }

    /// splitmix64's finaliser.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A whole number in `0..<bound`, each as likely: the high half of 64 random bits times `bound`,
    /// drawn anew where the low half lies below 2⁶⁴ mod `bound` (Lemire 2019, algorithm 5).
    ///
    /// - Parameter bound: at least 1.
    package mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "a number below at least 1")
        let bound = UInt64(bound)
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let rejected = (0 &- bound) % bound
            while product.low < rejected { product = next().multipliedFullWidth(by: bound) }
        }
        return Int(product.high)
    }

    /// A multiple of 2⁻⁵³ in `0..<1`, each as likely.
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// The elements in random order, each order as likely (Fisher & Yates, as Durstenfeld 1964): the
    /// first place gets one of all elements, the second one of those that are left, and so on.
    ///
    /// - Complexity: O(count).
    package mutating func shuffled<Element>(_ elements: some Sequence<Element>) -> [Element] {
        var order = Array(elements)
        for place in order.indices.dropLast() {
            order.swapAt(place, place + below(order.count - place))
        }
        return order
    }

    /// A draw from the normal distribution with mean 0 and standard deviation 1 (Box & Muller
    /// 1958).
    package mutating func normal() -> Double {
        // Above zero, so that its logarithm is finite.
        let first = unit() + 0x1p-53
        return (-2 * log(first)).squareRoot() * cos(2 * .pi * unit())
    }
}
