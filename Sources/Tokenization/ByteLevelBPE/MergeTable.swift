/// Which two neighbouring pieces become one, and how early: an open-addressing hash table.
struct MergeTable: Sendable {
    struct Merge {
        /// The lower, the earlier.
        var rank: UInt32
        /// The piece that the two become.
        var result: Int32
    }

    private static let free = UInt64.max

    private var keys: [UInt64]
    private var merges: [Merge]
    private var used = 0

    /// The table of merges in their order, the earliest first.
    init(_ merges: [BytePairModel.Merge]) {
        self.init(capacity: merges.count)
        for (rank, merge) in merges.enumerated() {
            let value = Merge(rank: UInt32(truncatingIfNeeded: rank), result: merge.result)
            add(merge.left, merge.right, value)
        }
    }

    private init(capacity: Int) {
        var size = 64
        while size < capacity / 2 * 3 { size *= 2 }
        keys = Array(repeating: Self.free, count: size)
        merges = Array(repeating: Merge(rank: 0, result: 0), count: size)
    }

    subscript(left: Int32, right: Int32) -> Merge? {
        let slot = slot(of: Self.key(left, right))
        return keys[slot] == Self.free ? nil : merges[slot]
    }

    /// Adds a merge of two ids that are not negative; a later one of the same two counts.
    private mutating func add(_ left: Int32, _ right: Int32, _ merge: Merge) {
        let key = Self.key(left, right)
        let slot = slot(of: key)
        if keys[slot] == Self.free {
            used += 1
            if used * 4 > keys.count * 3 {
                grow()
                return add(left, right, merge)
            }
            keys[slot] = key
        }
        merges[slot] = merge
    }

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// The slot that holds a key, or the free one where it belongs.
    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        let hash = (key ^ (key >> 32)) &* 0x9e37_79b9_7f4a_7c15
        var slot = Int(truncatingIfNeeded: hash >> 32) & (keys.count - 1)
        while keys[slot] != Self.free, keys[slot] != key { slot = (slot + 1) & (keys.count - 1) }
        return slot
    }

    private mutating func grow() {
        var larger = MergeTable(capacity: keys.count * 2)
        for (key, merge) in zip(keys, merges) where key != Self.free {
            larger.add(
                Int32(truncatingIfNeeded: key >> 32), Int32(truncatingIfNeeded: key), merge)
        }
        self = larger
    }
}

/// Merges the pieces of a stretch: always the pair of the lowest rank, of equal ones the leftmost
/// (Sennrich et al., "Neural machine translation of rare words with subword units", 2016).
///
/// The pieces are a linked list, the candidates a heap, so a stretch without spaces costs
/// O(bytes × log bytes), however long it is. The buffers are used again from one to the next.
struct PieceMerger {
    /// The piece that begins at each byte; -1 where one before has taken it in.
    private(set) var ids: [Int32] = []
    /// Where the piece after the one at each byte begins.
    private(set) var next: [Int] = []
    private var previous: [Int] = []
    /// A binary min-heap: rank in the high half, position in the low one.
    private var heap: [UInt64] = []

    /// Begins anew.
    mutating func removeAll() {
        ids.removeAll(keepingCapacity: true)
        heap.removeAll(keepingCapacity: true)
    }

    /// Appends the piece of one byte.
    mutating func append(_ id: Int32) { ids.append(id) }

    /// Merges what has been appended. The pieces are then `ids[0]`, `ids[next[0]]`, …
    mutating func merge(_ table: MergeTable) {
        let count = ids.count
        previous.removeAll(keepingCapacity: true)
        next.removeAll(keepingCapacity: true)
        for index in 0..<count {
            previous.append(index - 1)
            next.append(index + 1)
            push(at: index, table)
        }
        while let top = pop() {
            let position = Int(top & 0xffff_ffff)
            // An entry is out of date once either of its two pieces has been merged.
            guard ids[position] >= 0, next[position] < count,
                let merge = table[ids[position], ids[next[position]]],
                UInt64(merge.rank) == top >> 32
            else { continue }
            let taken = next[position]
            ids[position] = merge.result
            ids[taken] = -1
            next[position] = next[taken]
            if next[taken] < count { previous[next[taken]] = position }
            if previous[position] >= 0 { push(at: previous[position], table) }
            push(at: position, table)
        }
    }

    /// Adds the pair that begins at `position`, if it merges.
    private mutating func push(at position: Int, _ table: MergeTable) {
        let right = next[position]
        guard right < ids.count, let merge = table[ids[position], ids[right]] else { return }
        heap.append(UInt64(merge.rank) << 32 | UInt64(UInt32(truncatingIfNeeded: position)))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if heap[parent] <= heap[child] { break }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    private mutating func pop() -> UInt64? {
        guard let top = heap.first else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return top }
        heap[0] = last
        var parent = 0
        while 2 * parent + 1 < heap.count {
            var child = 2 * parent + 1
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            if heap[parent] <= heap[child] { break }
            heap.swapAt(parent, child)
            parent = child
        }
        return top
    }
}
