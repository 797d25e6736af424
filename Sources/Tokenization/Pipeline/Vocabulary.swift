#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A vocabulary stored flat, found by bytes: an open-addressing hash table over prefix hashes.
///
/// The hash (FNV-1a) grows byte by byte, so one pass over a word gives the hash of each of its
/// prefixes, and WordPiece's greedy longest match tries them from the longest on.
package struct Vocabulary: Sendable {
    /// Why a token was refused.
    enum Refusal: Error, Equatable {
        case duplicateToken(of: Int32)
        case duplicateID
        case idOutOfRange
    }

    /// More than any published vocabulary has, and few enough to bound the memory that a hostile
    /// file can take.
    static let largestID: Int32 = (1 << 22) - 1

    private var bytes: [UInt8] = []
    /// Where the token with an id stands in `bytes`; an empty range where there is none.
    private var starts: [UInt32] = []
    private var ends: [UInt32] = []
    /// High half: the hash's high half. Low half: id + 1, with bit 31 for a continuation; 0: free.
    private var slots: [UInt64] = []
    private var used = 0
    /// How many tokens there are; fewer than ``count`` where ids are left out.
    private(set) var tokenCount = 0
    private var longestInitial = 0
    private var longestContinuation = 0
    private let prefix: [UInt8]
    private let hasContinuations: Bool

    /// An empty vocabulary whose continuing pieces begin with `prefix`; nil: it has none.
    init(prefix: [UInt8]?, capacity: Int) {
        self.prefix = prefix ?? []
        hasContinuations = prefix != nil
        var size = 64
        while size < capacity / 2 * 3 { size *= 2 }
        slots = Array(repeating: 0, count: size)
        starts.reserveCapacity(capacity)
        ends.reserveCapacity(capacity)
        bytes.reserveCapacity(capacity * 8)
    }

    /// One more than the largest id.
    var count: Int { starts.count }

    func token(for id: Int32) -> ArraySlice<UInt8>? {
        guard id >= 0, Int(id) < starts.count, starts[Int(id)] < ends[Int(id)] else { return nil }
        return bytes[Int(starts[Int(id)])..<Int(ends[Int(id)])]
    }

    func id(of token: some Collection<UInt8>) -> Int32? {
        let copy = Array(token)
        return copy.withUnsafeBufferPointer { id(of: $0) }
    }

    /// The id of a token; nil without a look where it is longer than any.
    func id(of token: UnsafeBufferPointer<UInt8>) -> Int32? {
        guard token.count <= longestInitial else { return nil }
        return find(Self.hash(token, from: 0), isContinuation: false, token[...])
    }

    /// Adds a token, which must not be empty.
    mutating func add(_ token: UnsafeBufferPointer<UInt8>, id: Int32) throws(Refusal) {
        precondition(!token.isEmpty, "a token has at least one byte")
        guard id >= 0, id <= Self.largestID else { throw .idOutOfRange }
        if self.token(for: id) != nil { throw .duplicateID }
        let hash = Self.hash(token, from: 0)
        if let other = find(hash, isContinuation: false, token[...]) {
            throw .duplicateToken(of: other)
        }
        while starts.count <= Int(id) {
            starts.append(0)
            ends.append(0)
        }
        tokenCount += 1
        starts[Int(id)] = UInt32(bytes.count)
        bytes.append(contentsOf: token)
        ends[Int(id)] = UInt32(bytes.count)
        insert(hash, UInt64(id) + 1)
        longestInitial = max(longestInitial, token.count)
        if hasContinuations, token.count > prefix.count, token.starts(with: prefix) {
            insert(Self.hash(token, from: prefix.count), UInt64(id) + 1 | Self.continuation)
            longestContinuation = max(longestContinuation, token.count - prefix.count)
        }
    }

    /// The pieces of a word as (id, byte range): greedy, longest match first.
    ///
    /// `pieces` stays empty where some part of the word is in no token. `hashes` is a work space
    /// that is used again from word to word.
    /// - Complexity: O(bytes × the longest token) at worst, mostly one look-up.
    func match(
        _ word: UnsafeBufferPointer<UInt8>, hashes: inout [UInt64], pieces: inout [Piece]
    ) {
        pieces.removeAll(keepingCapacity: true)
        var start = 0
        while start < word.count {
            let isContinuation = start > 0
            let longest = min(
                word.count - start, isContinuation ? longestContinuation : longestInitial)
            hashes.removeAll(keepingCapacity: true)
            var hash = Self.emptyHash
            for index in start..<start + longest {
                hash = (hash ^ UInt64(word[index])) &* Self.hashPrime
                hashes.append(hash)
            }
            var length = longest
            while length > 0 {
                let part = word[start..<start + length]
                if let id = find(hashes[length - 1], isContinuation: isContinuation, part) {
                    pieces.append(Piece(id: id, start: start, end: start + length))
                    break
                }
                length -= 1
            }
            if length == 0 { return pieces.removeAll(keepingCapacity: true) }
            start += length
        }
    }

    /// A token found in a word, with the bytes of the word that it covers.
    struct Piece {
        let id: Int32
        let start: Int
        let end: Int
    }

    private static let continuation: UInt64 = 1 << 31
    private static let emptyHash: UInt64 = 0xcbf2_9ce4_8422_2325
    private static let hashPrime: UInt64 = 0x100_0000_01b3

    private static func hash(_ token: UnsafeBufferPointer<UInt8>, from start: Int) -> UInt64 {
        var hash = emptyHash
        for index in start..<token.count { hash = (hash ^ UInt64(token[index])) &* hashPrime }
        return hash
    }

    /// The first slot to look at: FNV's low bits hardly mix, so all of them are folded in.
    @inline(__always)
    private func slot(of hash: UInt64) -> Int {
        Int(truncatingIfNeeded: ((hash ^ (hash >> 29)) &* 0x9e37_79b9_7f4a_7c15) >> 33)
            & (slots.count - 1)
    }

    @inline(__always)
    private func find(
        _ hash: UInt64, isContinuation: Bool, _ token: Slice<UnsafeBufferPointer<UInt8>>
    ) -> Int32? {
        var slot = slot(of: hash)
        while slots[slot] != 0 {
            let entry = slots[slot]
            if entry >> 32 == hash >> 32, (entry & Self.continuation != 0) == isContinuation {
                let id = Int(entry & (Self.continuation - 1)) - 1
                let start = Int(starts[id]) + (isContinuation ? prefix.count : 0)
                if Int(ends[id]) - start == token.count, equals(token, from: start) {
                    return Int32(truncatingIfNeeded: id)
                }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    @inline(__always)
    private func equals(_ token: Slice<UnsafeBufferPointer<UInt8>>, from start: Int) -> Bool {
        bytes.withUnsafeBufferPointer { stored in
            guard let left = stored.baseAddress, let right = token.base.baseAddress else {
                return token.isEmpty
            }
            return memcmp(left + start, right + token.startIndex, token.count) == 0
        }
    }

    private mutating func insert(_ hash: UInt64, _ value: UInt64) {
        used += 1
        if used * 4 > slots.count * 3 { grow() }
        place(hash, value)
    }

    private mutating func place(_ hash: UInt64, _ value: UInt64) {
        var slot = slot(of: hash)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = (hash >> 32) << 32 | value
    }

    private mutating func grow() {
        let entries = slots.lazy.filter { $0 != 0 }.map { $0 & 0xffff_ffff }
        let values = Array(entries)
        slots = Array(repeating: 0, count: slots.count * 2)
        for value in values {
            let id = Int(value & (Self.continuation - 1)) - 1
            let start = Int(starts[id]) + (value & Self.continuation != 0 ? prefix.count : 0)
            let hash = bytes.withUnsafeBufferPointer { stored in
                Self.hash(UnsafeBufferPointer(rebasing: stored[start..<Int(ends[id])]), from: 0)
            }
            place(hash, value)
        }
    }
}

extension Vocabulary: Equatable {
    /// Whether two vocabularies have the same tokens with the same ids, and continuing pieces that
    /// begin alike.
    package static func == (first: Vocabulary, second: Vocabulary) -> Bool {
        first.count == second.count && first.hasContinuations == second.hasContinuations
            && first.prefix == second.prefix
            && first.starts.indices.allSatisfy {
                first.token(for: Int32($0)) == second.token(for: Int32($0))
            }
    }
}
