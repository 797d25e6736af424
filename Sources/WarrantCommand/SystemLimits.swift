import Warrant

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What a process needs of the system before there is any point in its beginning: where it has less,
/// the runtime and its libraries end it with a signal and not with a line.
enum SystemLimits {
    /// How many files the process opens at a time at most, with room for those of threads.
    private static let handles = 16
    /// The address space for the program, its libraries, stacks and a small model.
    private static let addressSpace: UInt64 = 256 << 20

    /// The exit status where the system has no memory or handles left (`EX_OSERR`).
    static let status: Int32 = 71

    /// Ends the process with a line where the system gives too little, now or in a pass.
    static func check() {
        Shortage.whenMet { what in
            Interruption.discard()
            Messages.end(
                saying: "\(what); free some, raise the limit (ulimit -v), or give fewer --threads",
                status: status)
        }
        var limit = rlimit()
        #if canImport(Glibc)
        let known = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0
        #else
        let known = getrlimit(RLIMIT_AS, &limit) == 0
        #endif
        if known, limit.rlim_cur < addressSpace {
            Messages.end(
                saying: "the limit on memory is \(limit.rlim_cur >> 20) MiB, and at least "
                    + "\(addressSpace >> 20) MiB are needed; raise it (ulimit -v)", status: status)
        }
        let opened = (0..<handles).map { _ in dup(STDERR_FILENO) }
        for descriptor in opened where descriptor >= 0 { close(descriptor) }
        let free = opened.count { $0 >= 0 }
        if free < handles {
            Messages.end(
                saying: "\(free) more files can be opened, and at least \(handles) are needed; "
                    + "raise the limit (ulimit -n)", status: status)
        }
    }
}
