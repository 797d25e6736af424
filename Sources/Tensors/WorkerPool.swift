import Dispatch
import Synchronization

/// Workers that are lent to one call at a time.
final class WorkerPool: Sendable {
    private let workers: [Worker]
    private let idle: Mutex<[Int]>
    /// Counts the free workers.
    private let available: DispatchSemaphore
    /// Held while a call waits for several workers, so that two such calls cannot wait for each other.
    private let turn = Mutex(())

    init(_ workers: [Worker]) {
        self.workers = workers
        idle = Mutex(Array(workers.indices.reversed()))
        available = DispatchSemaphore(value: workers.count)
    }

    var count: Int { workers.count }

    /// Runs `body` with the free workers, at most `limit`; waits until one is free.
    func withFree<Result>(atMost limit: Int, _ body: ([Worker]) throws -> Result) rethrows -> Result
    {
        // Behind a call that waits for all, or it would wait for ever.
        turn.withLock { _ in available.wait() }
        var lent = 1
        while lent < limit, available.wait(timeout: .now()) == .success { lent += 1 }
        return try lend(lent, body)
    }

    /// Runs `body` with all workers, in order; waits until all are free.
    func withAll<Result>(_ body: ([Worker]) throws -> Result) rethrows -> Result {
        turn.withLock { _ in for _ in workers { available.wait() } }
        return try lend(workers.count, body)
    }

    /// How many workers are free.
    var free: Int { idle.withLock(\.count) }

    /// Runs `body` with a worker if one is free.
    func tryOne(_ body: (Worker) -> Void) {
        guard available.wait(timeout: .now()) == .success else { return }
        lend(1) { body($0[0]) }
    }

    /// Takes workers that were counted as free.
    private func lend<Result>(
        _ count: Int, _ body: ([Worker]) throws -> Result
    ) rethrows -> Result {
        let taken = idle.withLock { idle in
            defer { idle.removeLast(count) }
            return Array(idle.suffix(count)).sorted()
        }
        defer {
            idle.withLock { $0 += taken.reversed() }
            for _ in taken { available.signal() }
        }
        return try body(taken.map { workers[$0] })
    }
}

/// The threads that work on the items of one call: the caller's, and others that join it.
final class WorkerTeam: Sendable {
    private struct State {
        /// What an item is; nil once the call has ended.
        var body: (@Sendable (Int, Worker) -> Void)?
        var nextItem = 0
        /// Threads that were asked to join and have not left.
        var invited = 0
        /// Those of them that work.
        var working = 0
    }

    private let pool: WorkerPool
    private let items: Int
    private let state: Mutex<State>
    /// Signalled by the last thread that stops working once the call has ended.
    private let allHaveStopped = DispatchSemaphore(value: 0)

    init(_ pool: WorkerPool, items: Int, _ body: @escaping @Sendable (Int, Worker) -> Void) {
        self.pool = pool
        self.items = items
        state = Mutex(State(body: body))
    }

    /// The next item that nobody works on; nil after the last.
    func nextItem() -> Int? {
        state.withLock { state in
            guard state.nextItem < items else { return nil }
            defer { state.nextItem += 1 }
            return state.nextItem
        }
    }

    /// Asks a thread to join, where a worker is free for it, an item is left, and not so many were
    /// asked already.
    func invite(atMost most: Int) {
        guard pool.free > 0 else { return }
        let isWanted = state.withLock { state in
            guard state.nextItem < items, state.invited < most else { return false }
            state.invited += 1
            return true
        }
        if isWanted { DispatchQueue.global(qos: .userInitiated).async { self.join() } }
    }

    /// Ends the call: nobody joins any more, and those who work have stopped when it returns.
    func close() {
        let isAlone = state.withLock { state in
            state.body = nil
            return state.working == 0
        }
        if !isAlone { allHaveStopped.wait() }
    }

    private func join() {
        pool.tryOne { worker in
            // The closure is let go within, before the thread counts as stopped.
            guard work(worker) else { return }
            let isLast = state.withLock { state in
                state.working -= 1
                return state.body == nil && state.working == 0
            }
            if isLast { allHaveStopped.signal() }
        }
        state.withLock { $0.invited -= 1 }
    }

    /// Works on items until none is left.
    ///
    /// - Returns: false where the call had ended before.
    private func work(_ worker: Worker) -> Bool {
        let body = state.withLock { state in
            if state.body != nil { state.working += 1 }
            return state.body
        }
        guard let body else { return false }
        while let item = nextItem() { body(item, worker) }
        return true
    }
}
