import CKernels

/// What computes on this machine.
public enum Engine {
    /// oneDNN's version and number for its instruction set, the kernels' instruction set, and the
    /// version of the system's library for `tanh`, such as `onednn 2.6.3 isa 0xe7, avx512, libm 2.36`.
    /// Where it is equal, the same input gives the same bits.
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
        return "onednn \(major).\(minor).\(patch) isa 0x\(number), \(instructions)"
            + ", libm \(String(cString: warrant_libm_version()))"
    }()
}
