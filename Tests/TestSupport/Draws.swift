/// Deterministic values in ±scale / 2.
package func draws(_ count: Int, seed: UInt64, scale: Float = 2) -> [Float] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return (Float(state >> 40) / Float(1 << 24) - 0.5) * scale
    }
}
