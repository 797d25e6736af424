import CZlib

/// Unpacks a gzip file (RFC 1952) piece by piece, all of its members one after another.
///
/// A class, for a place in a file is one place.
final class GzipStream {
    /// What is wrong with a file.
    struct Damage: Error { let problem: String }

    /// The packed bytes that are at hand.
    private let input: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    private var stream = z_stream()
    private var isOpen = false
    /// Whether a member has ended and no other has begun.
    private var isBetweenMembers = false
    /// Whether the last piece filled its room, so that more may be at hand.
    private(set) var mayHoldMore = false

    /// - Parameter start: the first packed bytes.
    init(start: UnsafeBufferPointer<UInt8>) throws(Damage) {
        capacity = max(1 << 16, start.count)
        input = .allocate(capacity: capacity)
        if let base = start.baseAddress { input.update(from: base, count: start.count) }
        stream.next_in = input
        stream.avail_in = UInt32(start.count)
        // 16 asks for gzip's header, 15 for the largest window.
        let status = inflateInit2_(
            &stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw Damage(problem: "zlib cannot start (\(status))") }
        isOpen = true
        mayHoldMore = true
    }

    deinit {
        if isOpen { inflateEnd(&stream) }
        input.deallocate()
    }

    /// Unpacks at least one byte, unless the file has ended.
    ///
    /// - Parameters:
    ///   - read: reads packed bytes into a room; 0 at the end of the file.
    /// - Returns: how many bytes were written; 0 at the end.
    /// - Throws: ``Damage`` for a file that is altered or cut off, and what `read` throws.
    func unpack(
        into room: UnsafeMutableBufferPointer<UInt8>,
        read: (UnsafeMutableBufferPointer<UInt8>) throws -> Int
    ) throws -> Int {
        let size = min(room.count, Int(Int32.max))
        stream.next_out = room.baseAddress
        stream.avail_out = UInt32(size)
        while Int(stream.avail_out) == size {
            if stream.avail_in == 0 {
                let count = try read(
                    UnsafeMutableBufferPointer(start: input, count: capacity))
                guard count > 0 else {
                    mayHoldMore = false
                    if isBetweenMembers { return 0 }
                    throw Damage(problem: "ends in the middle: it is cut off")
                }
                stream.next_in = input
                stream.avail_in = UInt32(count)
            }
            if isBetweenMembers { try beginMember() }
            guard stream.avail_in > 0 else { continue }
            switch inflate(&stream, Z_NO_FLUSH) {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END: isBetweenMembers = true
            case Z_MEM_ERROR: throw Damage(problem: "cannot be unpacked: there is no memory left")
            default: throw Damage(problem: "is damaged: its data do not unpack")
            }
        }
        mayHoldMore = stream.avail_out == 0 || stream.avail_in > 0
        return size - Int(stream.avail_out)
    }

    /// Begins what stands behind a member: another one, or zeros that fill up a tape's block.
    private func beginMember() throws(Damage) {
        while stream.avail_in > 0, let next = stream.next_in, next.pointee == 0 {
            stream.next_in = next + 1
            stream.avail_in -= 1
        }
        guard stream.avail_in > 0 else { return }
        guard inflateReset(&stream) == Z_OK else {
            throw Damage(problem: "cannot be unpacked by zlib")
        }
        isBetweenMembers = false
    }
}
