import Synchronization

/// What happens where the system has no memory for a pass, or oneDNN cannot be set up.
///
/// A pass cannot go on then, and has no way to say so but to end the process. By default that is a
/// trap; a program that would rather end in its own words says how.
public enum Shortage {
    private static let handler = Mutex<(@Sendable (String) -> Never)?>(nil)

    /// From now on `end` is called with what there is no room for, instead of a trap.
    public static func whenMet(_ end: @escaping @Sendable (_ what: String) -> Never) {
        handler.withLock { $0 = end }
    }

    /// Ends the process.
    static func meet(_ what: String) -> Never {
        if let end = handler.withLock({ $0 }) { end(what) }
        preconditionFailure(what)
    }
}
