import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Floats in memory, aligned to 64 bytes, that tensors are views of.
///
/// Unchecked: a storage is written by one worker at a time. Parameters change only between sharded
/// passes, arenas belong to one worker, gradients to one shard.
package final class Storage: @unchecked Sendable {
    /// The first float; valid as long as this object lives.
    package let base: UnsafeMutablePointer<Float>
    /// How many floats there are.
    package let count: Int
    private let allocation: UnsafeMutableRawPointer

    private static let made = Atomic(0)

    /// Memory for `count` floats, all zero.
    package init(count: Int) {
        precondition(count >= 0, "a storage cannot hold \(count) floats")
        // Large storages would all begin at the same place of a page, and passes over several of
        // them (AdamW) would have them compete for the same lines of the cache: half the speed.
        let isLarge = count >= 1 << 18
        let number = isLarge ? Self.made.wrappingAdd(1, ordering: .relaxed).oldValue : 0
        let stagger = number % 61 * 1_088
        // Pages that calloc gets from the system are zero already, and take no memory until they are
        // written to.
        let bytes = stagger + 64 + max(count, 1) * MemoryLayout<Float>.stride
        guard let allocation = calloc(bytes, 1) else {
            Shortage.meet("there is no memory for \(count) more numbers")
        }
        self.allocation = allocation
        base = (allocation + stagger).alignedUp(toMultipleOf: 64)
            .bindMemory(to: Float.self, capacity: max(count, 1))
        self.count = count
    }

    deinit { free(allocation) }
}

/// A row-major float32 matrix `[rows, columns]`: a view of a storage.
package struct Tensor: Sendable {
    /// What keeps the memory alive.
    package let storage: Storage
    /// Where the first element lies, in floats.
    package let offset: Int
    /// The number of rows.
    package let rows: Int
    /// The number of columns; rows follow each other without a gap.
    package let columns: Int

    /// A view of `rows` · `columns` floats from `offset` on.
    package init(storage: Storage, offset: Int, rows: Int, columns: Int) {
        precondition(
            offset >= 0 && rows >= 0 && columns >= 0 && offset + rows * columns <= storage.count,
            "a view of \(rows)×\(columns) at \(offset) passes the end of its storage")
        self.storage = storage
        self.offset = offset
        self.rows = rows
        self.columns = columns
    }

    /// A tensor with a storage of its own, in row-major order.
    package init(_ values: [Float], rows: Int, columns: Int) {
        precondition(
            values.count == rows * columns, "\(values.count) values for \(rows)×\(columns)")
        self.init(storage: Storage(count: values.count), offset: 0, rows: rows, columns: columns)
        pointer.update(from: values, count: values.count)
    }

    /// The number of elements.
    package var count: Int { rows * columns }
    /// The first element.
    package var pointer: UnsafeMutablePointer<Float> { storage.base + offset }
    /// The elements; valid while the tensor is.
    package var buffer: UnsafeMutableBufferPointer<Float> { .init(start: pointer, count: count) }
    /// A copy of the elements in row-major order.
    package var values: [Float] { Array(buffer) }

    /// The element at a row and a column.
    package subscript(row: Int, column: Int) -> Float {
        precondition(row >= 0 && row < rows && column >= 0 && column < columns, "no such element")
        return pointer[row * columns + column]
    }

    /// Sets every element to zero.
    package func clear() { pointer.update(repeating: 0, count: count) }
}

/// A row-major matrix `[rows, columns]` of bfloat16, with room for rows up to a product's block.
struct BFloat16Tensor {
    /// What keeps the memory alive.
    private let backing: Tensor
    let rows: Int
    let columns: Int

    /// A view of `backing`'s memory, which must have room for it.
    init(_ backing: Tensor, rows: Int, columns: Int) {
        self.backing = backing
        self.rows = rows
        self.columns = columns
    }

    /// The first element.
    var pointer: UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer(backing.pointer).assumingMemoryBound(to: UInt16.self)
    }
    var count: Int { rows * columns }
}
