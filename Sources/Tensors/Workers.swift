import CKernels
import Dispatch
import Synchronization

/// What one thread needs to run a pass: memory and oneDNN's primitives.
///
/// Unchecked: `Workers` hands a worker to one thread at a time.
public final class Worker: @unchecked Sendable {
    /// The memory of the pass under way.
    public let arena = Arena()
    let products: OpaquePointer

    /// A worker with its own cache of oneDNN primitives.
    public init() {
        guard let products = warrant_products_create() else {
            preconditionFailure("oneDNN cannot be set up on this machine")
        }
        self.products = products
    }

    deinit { warrant_products_destroy(products) }
}

/// A fixed number of workers that share nothing. There is no lock or barrier inside a pass.
///
/// Calls from several threads take turns: a worker serves one call at a time. `body` must not call the
/// same workers again.
public final class Workers: Sendable {
    private let workers: [Worker]
    private let turn = Mutex(())

    /// - Parameter threads: how many passes run at the same time; the results do not depend on it.
    public init(threads: Int) {
        precondition(threads > 0, "at least one thread is needed")
        workers = (0..<threads).map { _ in Worker() }
    }

    /// How many passes run at the same time.
    public var count: Int { workers.count }

    /// Runs `body` for 0..<count, at most as many as there are workers; item *i* runs on worker
    /// *i*, whose arena stays untouched until the next call.
    public func runEach(_ count: Int, _ body: @Sendable (Int, Worker) -> Void) {
        precondition(count <= workers.count, "more items than workers")
        turn.withLock { _ in
            DispatchQueue.concurrentPerform(iterations: count) { body($0, workers[$0]) }
        }
    }

    /// Runs `body` for every item in 0..<count on whichever worker is free, in ascending order of
    /// starts.
    public func run(_ count: Int, _ body: @Sendable (Int, Worker) -> Void) {
        let next = Atomic(0)
        turn.withLock { _ in
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
