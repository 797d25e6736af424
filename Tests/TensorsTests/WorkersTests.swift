import Dispatch
import Synchronization
import Tensors
import Testing

@Suite("Workers that several threads call")
struct WorkersTests {
    /// Lets calls wait for each other, and says whether all came.
    private final class Meeting: Sendable {
        private let arrived = Atomic(0)
        private let everybody = DispatchSemaphore(value: 0)
        private let count: Int

        init(_ count: Int) { self.count = count }

        func wait() -> Bool {
            if arrived.wrappingAdd(1, ordering: .relaxed).newValue == count {
                for _ in 0..<count { everybody.signal() }
            }
            return everybody.wait(timeout: .now() + 30) == .success
        }
    }

    @Test func callsRunAtTheSameTimeOnDifferentWorkers() {
        let workers = Workers(threads: 2)
        let meeting = Meeting(2)
        let met = Atomic(0)
        let seen = Mutex<[ObjectIdentifier]>([])
        DispatchQueue.concurrentPerform(iterations: 2) { _ in
            workers.run(1) { _, worker in
                seen.withLock { $0.append(ObjectIdentifier(worker)) }
                if meeting.wait() { met.add(1, ordering: .relaxed) }
            }
        }
        #expect(met.load(ordering: .relaxed) == 2, "one call waited for the other to end")
        #expect(Set(seen.withLock { $0 }).count == 2)
    }

    @Test func aCallDoesNotHoldWorkersThatNoThreadUses() {
        let workers = Workers(threads: 2)
        let meeting = Meeting(2)
        let met = Atomic(0)
        // Each call's last item waits for the other's, while all threads of the pool are taken.
        DispatchQueue.concurrentPerform(iterations: 2) { _ in
            workers.run(3) { item, _ in
                if item == 2, meeting.wait() { met.add(1, ordering: .relaxed) }
            }
        }
        #expect(met.load(ordering: .relaxed) == 2, "one call waited for the other to end")
    }

    @Test func shortCallsFromManyThreadsAllEnd() {
        let workers = Workers(threads: 3)
        let items = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 2_000) { _ in
            workers.run(4) { _, _ in items.add(1, ordering: .relaxed) }
        }
        // It waits for all workers: all were given back.
        workers.runEach(3) { _, _ in items.add(1, ordering: .relaxed) }
        #expect(items.load(ordering: .relaxed) == 8_003)
    }

    @Test func aWorkerServesOneCallAtATimeAndEveryItemRunsOnce() {
        let workers = Workers(threads: 3)
        let busy = Mutex<Set<ObjectIdentifier>>([])
        let shared = Atomic(0)
        let items = Atomic(0)
        @Sendable func body(_ item: Int, _ worker: Worker) {
            let id = ObjectIdentifier(worker)
            if !busy.withLock({ $0.insert(id).inserted }) { shared.add(1, ordering: .relaxed) }
            items.add(item, ordering: .relaxed)
            busy.withLock { _ = $0.remove(id) }
        }
        DispatchQueue.concurrentPerform(iterations: 24) { call in
            switch call % 4 {
            case 0: workers.runEach(3, body)
            case 1: workers.atMost(2).run(40, body)
            case 2: #expect(workers.map(40) { item, _ in item } == Array(0..<40))
            default: workers.run(40, body)
            }
        }
        #expect(shared.load(ordering: .relaxed) == 0, "a worker was lent to two calls")
        #expect(items.load(ordering: .relaxed) == 6 * 3 + 12 * 780)
    }

    @Test func oneItemOfEachRunsOnTheWorkerOfItsNumber() {
        let workers = Workers(threads: 3)
        let first = Mutex<[Int: ObjectIdentifier]>([:])
        for _ in 0..<4 {
            workers.runEach(3) { item, worker in
                let id = ObjectIdentifier(worker)
                let isSame = first.withLock { known in
                    defer { known[item] = id }
                    return known[item] == nil || known[item] == id
                }
                #expect(isSame)
            }
        }
        workers.run(0) { _, _ in Issue.record("there is nothing to run") }
    }
}
