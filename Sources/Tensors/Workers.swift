import CKernels
import Dispatch
import Synchronization

/// What one thread needs to run a pass: memory, oneDNN's primitives, and how precise products are.
///
/// Unchecked: `Workers` hands a worker to one thread at a time.
public final class Worker: @unchecked Sendable {
    /// The memory of the pass under way.
    public let arena = Arena()
    /// oneDNN's primitives, set up when they are first needed: a worker that never works costs nothing.
    private(set) lazy var products: OpaquePointer = {
        guard let products = warrant_products_create() else {
            Shortage.meet("oneDNN cannot be set up: there is no memory for it, or no CPU it knows")
        }
        hasProducts = true
        return products
    }()
    private var hasProducts = false
    /// What linear layers multiply.
    public let precision: Precision
    /// What the time went to; nil: it is not measured.
    var profile: WorkProfile?

    /// A worker with its own cache of oneDNN primitives.
    ///
    /// - Precondition: for `bf16`, that `Precision.hasFastBF16`.
    public init(precision: Precision = .fp32) {
        precondition(precision == .fp32 || Precision.hasFastBF16, "this CPU has no bf16 products")
        self.precision = precision
    }

    deinit { if hasProducts { warrant_products_destroy(products) } }

    /// Runs `body`, and counts its time where time is measured.
    package func measure<Result>(
        _ work: Work, operations: @autoclosure () -> Double = 0, _ body: () -> Result
    ) -> Result {
        guard profile != nil else { return body() }
        let start = ContinuousClock.now
        let result = body()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        profile?.add(work, seconds: seconds, operations: operations())
        return result
    }
}

/// A fixed number of workers that share nothing. There is no lock or barrier inside a pass.
///
/// Calls from several threads take turns: a worker serves one call at a time. `body` must not call the
/// same workers again.
public final class Workers: Sendable {
    private let workers: [Worker]
    private let turn: Turn

    /// A lock that several sets of the same workers have in common.
    private final class Turn: Sendable {
        let mutex = Mutex(())
    }

    /// What linear layers multiply.
    public let precision: Precision

    /// - Parameters:
    ///   - threads: how many passes run at the same time; the results do not depend on it.
    ///   - precision: of linear layers' products; `bf16` only where `Precision.hasFastBF16`.
    public init(threads: Int, precision: Precision = .fp32) {
        precondition(threads > 0, "at least one thread is needed")
        self.precision = precision
        workers = (0..<threads).map { _ in Worker(precision: precision) }
        turn = Turn()
    }

    private init(_ workers: [Worker], _ turn: Turn, _ precision: Precision) {
        self.workers = workers
        self.turn = turn
        self.precision = precision
    }

    /// At most `count` of these workers, at least one: for passes of which no more fit into memory at
    /// the same time.
    public func atMost(_ count: Int) -> Workers {
        count >= workers.count
            ? self : Workers(Array(workers.prefix(max(1, count))), turn, precision)
    }

    /// How many passes run at the same time.
    public var count: Int { workers.count }

    /// Runs `body` and tells what the workers spent their time on meanwhile.
    public func profile(_ body: () throws -> Void) rethrows -> WorkProfile {
        turn.mutex.withLock { _ in for worker in workers { worker.profile = WorkProfile() } }
        defer { turn.mutex.withLock { _ in for worker in workers { worker.profile = nil } } }
        try body()
        return turn.mutex.withLock { _ in
            workers.reduce(WorkProfile()) { $0 + ($1.profile ?? WorkProfile()) }
        }
    }

    /// Runs `body` for 0..<count, at most as many as there are workers; item *i* runs on worker
    /// *i*, whose arena stays untouched until the next call.
    public func runEach(_ count: Int, _ body: @Sendable (Int, Worker) -> Void) {
        precondition(count <= workers.count, "more items than workers")
        turn.mutex.withLock { _ in
            DispatchQueue.concurrentPerform(iterations: count) { body($0, workers[$0]) }
        }
    }

    /// Runs `body` for every item in 0..<count on whichever worker is free, in ascending order of
    /// starts.
    public func run(_ count: Int, _ body: @Sendable (Int, Worker) -> Void) {
        let next = Atomic(0)
        turn.mutex.withLock { _ in
            DispatchQueue.concurrentPerform(iterations: min(workers.count, count)) { worker in
                while true {
                    let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    if item >= count { return }
                    body(item, workers[worker])
                }
            }
        }
    }

    /// `body`'s results for 0..<count, in order.
    public func map<Result: Sendable>(
        _ count: Int, _ body: @Sendable (Int, Worker) -> Result
    ) -> [Result] {
        let results = Mutex([Result?](repeating: nil, count: count))
        run(count) { item, worker in
            let result = body(item, worker)
            results.withLock { $0[item] = result }
        }
        return results.withLock { $0.compactMap { $0 } }
    }
}
