import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Ctrl-C: an unfinished output is removed before the process ends.
///
/// A thread of its own waits for the signal, so that it is answered at once, whatever the others
/// compute, and may do what a signal handler must not.
enum Interruption {
    private static let unfinished = Mutex<(@Sendable () -> Void)?>(nil)
    private static let notice = Mutex("")

    /// From now on an interruption calls `discard` and ends the process. To be called before other
    /// threads are started, since they inherit which signals they leave to this one.
    ///
    /// - Parameter notice: what is said then.
    static func guarding(
        saying notice: String = "stopped; nothing was written",
        _ discard: @escaping @Sendable () -> Void
    ) {
        Self.notice.withLock { $0 = notice }
        unfinished.withLock { $0 = discard }
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        pthread_create(
            &thread, nil,
            { _ in
                Interruption.await()
                return nil
            }, nil)
    }

    /// Puts the finished output in its place; an interruption comes before or after, not between.
    static func finish(_ commit: () throws -> Void) throws {
        try unfinished.withLock { discard in
            try commit()
            discard = nil
        }
    }

    /// Removes the unfinished output, if there is one.
    static func discard() {
        unfinished.withLock { discard in
            discard?()
            discard = nil
        }
    }

    private static func await() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
        var signal: Int32 = 0
        while sigwait(&signals, &signal) != 0 {}
        unfinished.withLock { discard in
            let wasUnfinished = discard != nil
            discard?()
            Messages.say(wasUnfinished ? notice.withLock { $0 } : "stopped")
            // As a shell reports a process that the signal ended. The lock stays: nothing may
            // be committed any more.
            _exit(128 + signal)
        }
    }
}
