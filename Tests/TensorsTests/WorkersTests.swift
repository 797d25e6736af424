import Foundation
import Synchronization
import Tensors
import Testing

@Suite("Workers that several threads call")
struct WorkersTests {
    /// Two calls that wait for each other, each on a thread of its own: a pool may have none to spare.
    private final class Meeting: Sendable {
        private let arrived = Atomic(0)
        private let everybody = DispatchSemaphore(value: 0)
        /// How many saw the other come.
        let met = Atomic(0)
        /// The workers that were lent.
        let seen = Mutex<[ObjectIdentifier]>([])

        init(_ call: @escaping @Sendable (Meeting) -> Void) {
            let group = DispatchGroup()
            for _ in 0..<2 {
                group.enter()
                Thread.detachNewThread {
                    call(self)
                    group.leave()
                }
            }
            group.wait()
        }

        func wait() {
            if arrived.wrappingAdd(1, ordering: .relaxed).newValue == 2 {
                for _ in 0..<2 { everybody.signal() }
            }
            if everybody.wait(timeout: .now() + 30) == .success { met.add(1, ordering: .relaxed) }
        }
    }

    @Test func callsRunAtTheSameTimeOnDifferentWorkers() {
        let workers = Workers(threads: 2)
        let meeting = Meeting { meeting in
            workers.run(1) { _, worker in
                meeting.seen.withLock { $0.append(ObjectIdentifier(worker)) }
                meeting.wait()
            }
        }
        #expect(meeting.met.load(ordering: .relaxed) == 2, "one call waited for the other to end")
        #expect(Set(meeting.seen.withLock { $0 }).count == 2)
    }

    @Test func aCallDoesNotHoldWorkersThatNoThreadUses() {
        let workers = Workers(threads: 2)
        // The first item is the calling thread's; whatever threads join do the others and leave.
        let meeting = Meeting { meeting in
            workers.run(3) { item, _ in if item == 0 { meeting.wait() } }
        }
        #expect(meeting.met.load(ordering: .relaxed) == 2, "one call waited for the other to end")
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
