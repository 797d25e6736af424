import CKernels

/// What computes on this machine.
public enum Engine {
    /// oneDNN's version and the kernels' instruction set, such as `onednn 2.6.3 avx512`.
    public static let description: String = {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        warrant_onednn_version(&major, &minor, &patch)
        #if arch(x86_64)
        let sets = ["sse2", "avx2", "avx512"]
        let instructions = sets[Int(warrant_instruction_set())]
        #else
        let instructions = "neon"
        #endif
        return "onednn \(major).\(minor).\(patch) \(instructions)"
    }()
}
