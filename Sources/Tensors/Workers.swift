import CKernels
import Dispatch
import Synchronization

/// What one thread needs to run a pass: memory, oneDNN's primitives, and how precise products are.
///
/// Unchecked: `Workers` lends a worker to one thread at a time.
package final class Worker: @unchecked Sendable {
    /// The memory of the pass under way.
    package let arena = Arena()
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
    package let precision: Precision
    /// What the time went to; nil: it is not measured.
    var profile: WorkProfile?
    /// Idle workers that take part in this worker's pass.
    fileprivate(set) var assistants: [Worker] = []

    /// A worker with its own cache of oneDNN primitives.
    ///
    /// - Precondition: for `bf16`, that `Precision.hasFastBF16`.
    package init(precision: Precision = .fp32) {
        precondition(precision == .fp32 || Precision.hasFastBF16, "this CPU has no bf16 products")
        self.precision = precision
    }

    deinit { if hasProducts { warrant_products_destroy(products) } }

    /// Runs `body` on stretches that make up 0..<count: on this worker and, where there is enough for
    /// each, on its assistants at the same time.
    ///
    /// - Parameters:
    ///   - step: every stretch but the last is a multiple of it.
    ///   - least: the fewest elements that are worth a stretch of their own.
    ///   - body: is given the stretch, its number, at most that of the assistants, and its worker.
    func divide(
        _ count: Int, multipleOf step: Int, atLeast least: Int,
        _ body: (Range<Int>, _ part: Int, Worker) -> Void
    ) {
        let parts = min(assistants.count + 1, count / least)
        guard parts > 1 else { return body(0..<count, 0, self) }
        let size = ((count + parts - 1) / parts + step - 1) / step * step
        withoutActuallyEscaping(body) { body in
            let work = StretchWork(body: body)
            DispatchQueue.concurrentPerform(iterations: parts) { part in
                let stretch = min(part * size, count)..<min((part + 1) * size, count)
                if stretch.isEmpty { return }
                work.body(stretch, part, part == 0 ? self : assistants[part - 1])
            }
        }
    }

    /// Work on stretches that do not overlap.
    ///
    /// Unchecked: every call reads what all share and writes its own stretch, and `divide` ends after
    /// all of them.
    private struct StretchWork: @unchecked Sendable {
        let body: (Range<Int>, Int, Worker) -> Void
    }

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
/// Several threads may call at the same time: each call is lent the workers that are free, one at
/// least, and waits where none is. Results do not depend on how many it gets. `body` must not call
/// the same workers again.
public final class Workers: Sendable {
    private let pool: WorkerPool
    /// How many workers a call is lent at most.
    private let limit: Int

    /// What linear layers multiply.
    public let precision: Precision

    /// - Parameters:
    ///   - threads: how many passes run at the same time; the results do not depend on it.
    ///   - precision: of linear layers' products; `bf16` only where `Precision.hasFastBF16`.
    public init(threads: Int, precision: Precision = .fp32) {
        precondition(threads > 0, "at least one thread is needed")
        self.precision = precision
        pool = WorkerPool((0..<threads).map { _ in Worker(precision: precision) })
        limit = threads
    }

    private init(_ pool: WorkerPool, limit: Int, _ precision: Precision) {
        self.pool = pool
        self.limit = limit
        self.precision = precision
    }

    /// At most `count` of these workers, at least one: for passes of which no more fit into memory at
    /// the same time. While such a call runs, no other does.
    public func atMost(_ count: Int) -> Workers {
        count >= limit ? self : Workers(pool, limit: max(1, count), precision)
    }

    /// How many passes of a call run at the same time.
    public var count: Int { limit }

    /// Runs `body` and tells what the workers spent their time on meanwhile.
    package func profile(_ body: () throws -> Void) rethrows -> WorkProfile {
        pool.withAll { for worker in $0 { worker.profile = WorkProfile() } }
        defer { pool.withAll { for worker in $0 { worker.profile = nil } } }
        try body()
        return pool.withAll { workers in
            workers.reduce(WorkProfile()) { $0 + ($1.profile ?? WorkProfile()) }
        }
    }

    /// Runs `body` for 0..<count, at most as many as there are workers; item *i* runs on worker
    /// *i*, whose arena stays untouched until the next call, if no other thread calls.
    package func runEach(_ count: Int, _ body: @Sendable (Int, Worker) -> Void) {
        precondition(count <= limit, "more items than workers")
        pool.withAll { workers in
            DispatchQueue.concurrentPerform(iterations: count) { body($0, workers[$0]) }
        }
    }

    /// How many workers a call that begins now could have to itself, at least one: a hint, for other
    /// calls begin and end meanwhile.
    package var free: Int { max(1, min(limit, pool.free)) }

    /// Runs `body` for every item in 0..<count on whichever worker is free, in ascending order of
    /// starts.
    ///
    /// The calling thread works itself, on one worker; the others join it while they are free and there
    /// are items. So calls on several threads do not wait for one that has more workers than threads.
    ///
    /// - Parameter assisted: whether workers that have no item of their own take part in the passes
    ///   of others: for few items with much work each.
    package func run(
        _ count: Int, assisted: Bool = false, _ body: @Sendable (Int, Worker) -> Void
    ) {
        guard count > 0 else { return }
        if limit < pool.count {
            pool.withAll { runTogether(count, Array($0.prefix(limit)), body) }
        } else if assisted, count < limit {
            pool.withFree(atMost: limit) { runTogether(count, $0, body) }
        } else {
            runJoined(count, body)
        }
    }

    /// Runs `body` for every item on workers that are there from the beginning to the end; those
    /// without an item assist the others.
    private func runTogether(
        _ count: Int, _ lent: [Worker], _ body: @Sendable (Int, Worker) -> Void
    ) {
        let workers = Array(lent.prefix(count))
        let idle = lent.dropFirst(count)
        // Every n-th of the idle workers assists one of n.
        for (number, worker) in workers.enumerated() {
            worker.assistants = stride(
                from: idle.startIndex + number, to: idle.endIndex, by: workers.count
            ).map { idle[$0] }
        }
        defer { for worker in workers { worker.assistants = [] } }
        let next = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: workers.count) { worker in
            while true {
                let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
                if item >= count { return }
                body(item, workers[worker])
            }
        }
    }

    /// Runs `body` for every item on one worker, and on those that join it.
    private func runJoined(_ count: Int, _ body: @Sendable (Int, Worker) -> Void) {
        pool.withFree(atMost: 1) { own in
            withoutActuallyEscaping(body) { body in
                let team = WorkerTeam(pool, items: count, body)
                while let item = team.nextItem() {
                    team.invite(atMost: limit - 1)
                    body(item, own[0])
                }
                team.close()
            }
        }
    }

    /// `body`'s results for 0..<count, in order.
    ///
    /// - Parameter assisted: as for `run`.
    package func map<Result: Sendable>(
        _ count: Int, assisted: Bool = false, _ body: @Sendable (Int, Worker) -> Result
    ) -> [Result] {
        let results = Mutex([Result?](repeating: nil, count: count))
        run(count, assisted: assisted) { item, worker in
            let result = body(item, worker)
            results.withLock { $0[item] = result }
        }
        return results.withLock { $0.compactMap { $0 } }
    }
}
