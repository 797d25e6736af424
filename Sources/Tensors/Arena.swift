/// A worker's memory for one pass: tensors are taken from it one after the other, and all given
/// back at once by rewinding. After the first pass of a size nothing is allocated.
public final class Arena {
    private var chunks: [Storage] = []
    private var chunk = 0
    private var used = 0
    private let chunkSize: Int

    /// Products run on whole blocks of this many rows, so every tensor has room for them.
    static let rowBlock = 16

    /// - Parameter chunkSize: how many floats are allocated at a time (16 MiB by default).
    public init(chunkSize: Int = 4 << 20) { self.chunkSize = chunkSize }

    /// How many floats have been allocated in all.
    public var capacity: Int { chunks.reduce(0) { $0 + $1.count } }

    /// A tensor whose elements are not set; it has room for rows up to the next multiple of 16.
    public func tensor(rows: Int, columns: Int) -> Tensor {
        let padded = (rows + Self.rowBlock - 1) / Self.rowBlock * Self.rowBlock
        let size = (padded * columns + 15) / 16 * 16
        while chunk < chunks.count && used + size > chunks[chunk].count {
            chunk += 1
            used = 0
        }
        if chunk == chunks.count { chunks.append(Storage(count: max(chunkSize, size))) }
        let tensor = Tensor(storage: chunks[chunk], offset: used, rows: rows, columns: columns)
        used += size
        return tensor
    }

    /// Gives all tensors back; their contents must not be used any more.
    public func rewind() {
        chunk = 0
        used = 0
    }

    /// A point to go back to.
    struct Mark { let chunk: Int, used: Int }
    var mark: Mark { Mark(chunk: chunk, used: used) }
    /// Gives back the tensors taken since `mark`.
    func rewind(to mark: Mark) {
        chunk = mark.chunk
        used = mark.used
    }
}
