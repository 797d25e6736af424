import CKernels

/// What computes on this machine.
public enum Engine {
    /// Everything that equal bits depend on beside the input: oneDNN's version and the number of its
    /// instruction set, the instruction set and the version of this package's kernels, the compiler
    /// that built them, and the system's mathematical library; such as
    /// `onednn 2.6.3 isa 0xe7, kernels 1 avx512, clang 21.0.0, libm 2.36`.
    ///
    /// Two machines with equal descriptions compute the same bits from the same input.
    public static let description: String = {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        warrant_onednn_version(&major, &minor, &patch)
        #if arch(x86_64)
        let sets = ["sse2", "avx2", "avx512"]
        let instructions = sets[Int(warrant_instruction_set())]
        #else
        let instructions = "neon"
        #endif
        let number = String(warrant_onednn_instruction_set(), radix: 16)
        return "onednn \(major).\(minor).\(patch) isa 0x\(number)"
            + ", kernels \(WARRANT_KERNELS_VERSION) \(instructions)"
            + ", \(String(cString: warrant_compiler()))"
            + ", libm \(String(cString: warrant_libm_version()))"
    }()
}
