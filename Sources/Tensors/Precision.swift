import CKernels

/// What a linear layer's products are computed from. Sums are always in float32, and so are
/// LayerNorm, softmax, losses, weights in training and the optimizer's moments.
public enum Precision: String, Sendable, Codable, CaseIterable {
    /// Operands in IEEE 754 single precision.
    case fp32
    /// Operands rounded to bfloat16: 8 bits of exponent, 7 of mantissa.
    case bf16

    /// Whether this CPU and this oneDNN multiply bfloat16 faster than float32 (AVX512-BF16 or AMX).
    public static let hasFastBF16 = warrant_has_bf16() != 0

    /// The precisions that this machine computes in.
    public static let available: [Precision] = hasFastBF16 ? [.fp32, .bf16] : [.fp32]

    /// The kernels' name for the operands.
    var type: warrant_type { self == .bf16 ? WARRANT_BF16 : WARRANT_F32 }
}
