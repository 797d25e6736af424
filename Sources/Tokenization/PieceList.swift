/// Reads a text's pieces, the way one kind of tokenizer does.
protocol PieceReading: Sendable {
    /// The pieces of a text, each with the bytes that it stands for, and the start of the first one
    /// beyond `limit`.
    func pieces(of bytes: UnsafeBufferPointer<UInt8>, limit: Int) -> PieceList

    /// The offsets that Hugging Face `tokenizers` reports for these pieces.
    func offsets(
        of pieces: PieceList, in bytes: UnsafeBufferPointer<UInt8>
    ) -> [Range<Int>]
}

extension PieceReading {
    func offsets(
        of pieces: PieceList, in bytes: UnsafeBufferPointer<UInt8>
    ) -> [Range<Int>] {
        pieces.offsets
    }
}

/// The pieces read from one text, up to a limit.
struct PieceList {
    private(set) var ids: [Int32] = []
    private(set) var offsets: [Range<Int>] = []
    /// Where the first piece that no longer fitted starts.
    private(set) var firstDropped: Int?
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Hands the ids over, so that they can be added to without a copy.
    mutating func takeIDs() -> [Int32] {
        defer { ids = [] }
        return ids
    }

    var isFull: Bool { firstDropped != nil }

    @inline(__always)
    mutating func append(_ id: Int32, _ range: Range<Int>) {
        if ids.count < limit {
            ids.append(id)
            offsets.append(range)
        } else if firstDropped == nil {
            firstDropped = range.lowerBound
        }
    }
}
