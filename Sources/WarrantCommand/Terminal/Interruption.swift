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

    /// The signals that end the process, but for those that it was started to ignore, as by `nohup`.
    private static let watched: [Int32] = [SIGINT, SIGTERM, SIGHUP].filter { signal in
        var action = sigaction()
        guard sigaction(signal, nil, &action) == 0 else { return true }
        #if canImport(Darwin)
        let handler = action.__sigaction_u.__sa_handler
        #else
        let handler = action.__sigaction_handler.sa_handler
        #endif
        return unsafeBitCast(handler, to: UInt.self) != unsafeBitCast(SIG_IGN, to: UInt.self)
    }

    private static var watchedSet: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in watched { sigaddset(&signals, signal) }
        return signals
    }

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
        guard !watched.isEmpty else { return }
        var signals = watchedSet
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

    /// Changes what is said when the process is interrupted.
    static func say(_ notice: String) { Self.notice.withLock { $0 = notice } }

    /// Does what must not be left half-done; an interruption comes before or after, not between.
    static func whole(_ body: () throws -> Void) throws {
        try unfinished.withLock { _ in try body() }
    }

    /// Puts the finished output in its place, likewise.
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
        var signals = watchedSet
        var signal: Int32 = 0
        while sigwait(&signals, &signal) != 0 {}
        unfinished.withLock { discard in
            let wasUnfinished = discard != nil
            discard?()
            // As a shell reports a process that the signal ended. The lock stays: nothing may
            // be committed any more.
            Messages.end(
                saying: wasUnfinished ? notice.withLock { $0 } : "stopped", status: 128 + signal)
        }
    }
}
