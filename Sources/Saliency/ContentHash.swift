/// A hash of numbers that is the same on every machine and in every run: splitmix64's finaliser
/// after each (Steele, Lea & Flood 2014).
struct ContentHash {
    /// Of what was added so far.
    private(set) var value: UInt64

    /// Begins with a seed.
    init(_ seed: UInt64) {
        value = seed
        add(0)
    }

    /// Adds a number.
    mutating func add(_ number: some BinaryInteger) {
        var z = (value ^ UInt64(truncatingIfNeeded: number)) &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        value = z ^ (z >> 31)
    }
}
