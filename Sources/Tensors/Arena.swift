/// A worker's memory for one pass: tensors are taken from it one after the other, and all given
/// back at once by rewinding. After the first pass of a size nothing is allocated.
package final class Arena {
    private var blocks: [Storage] = []
    private var block = 0
    private var used = 0
    private let blockSize: Int

    /// Every tensor has room for rows up to the next multiple of this.
    private static let rowBlock = 16

    /// How many rows a product of `rows` rows runs on: the more there are, the coarser, so that few
    /// distinct numbers keep oneDNN's primitives few. At most `rowBlock` - 1 rows are to spare. Never
    /// a single one: oneDNN 3 multiplies a vector otherwise than a matrix, with other roundings.
    static func productRows(_ rows: Int) -> Int {
        if rows == 1 { return 2 }
        let step = rows <= 32 ? 1 : rows <= 128 ? 4 : rows <= 512 ? 8 : rowBlock
        return (rows + step - 1) / step * step
    }

    /// - Parameter blockSize: how many floats are allocated at a time (16 MiB by default).
    package init(blockSize: Int = 4 << 20) { self.blockSize = blockSize }

    /// How many floats have been allocated in all.
    package var capacity: Int { blocks.reduce(0) { $0 + $1.count } }

    /// A tensor whose elements are not set; it has room for rows up to the next multiple of 16.
    package func tensor(rows: Int, columns: Int) -> Tensor {
        let padded = (rows + Self.rowBlock - 1) / Self.rowBlock * Self.rowBlock
        let size = (padded * columns + 15) / 16 * 16
        while block < blocks.count && used + size > blocks[block].count {
            block += 1
            used = 0
        }
        if block == blocks.count { blocks.append(Storage(count: max(blockSize, size))) }
        let tensor = Tensor(storage: blocks[block], offset: used, rows: rows, columns: columns)
        used += size
        return tensor
    }

    /// The same for bfloat16, with zeros in the rows that a product adds.
    func half(rows: Int, columns: Int) -> BFloat16Tensor {
        let half = BFloat16Tensor(
            tensor(rows: rows, columns: (columns + 1) / 2), rows: rows, columns: columns)
        (half.pointer + half.count).update(
            repeating: 0, count: (Self.productRows(rows) - rows) * columns)
        return half
    }

    /// Gives all tensors back; their contents must not be used any more.
    package func rewind() {
        block = 0
        used = 0
    }

    /// A point to go back to.
    struct Mark { let block: Int, used: Int }
    var mark: Mark { Mark(block: block, used: used) }
    /// Gives back the tensors taken since `mark`.
    func rewind(to mark: Mark) {
        block = mark.block
        used = mark.used
    }
}
