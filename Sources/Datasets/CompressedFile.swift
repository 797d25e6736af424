/// The formats of packed files that are told from their first bytes and are no rows.
struct CompressedFile {
    /// What people call it.
    let name: String
    /// A command that writes the rows to standard output, without the file's name.
    let unpacking: String
    private let magic: [UInt8]

    /// How many bytes tell a packed file from any other.
    static let magicBytes = 6

    private static let known = [
        CompressedFile(
            name: "xz", unpacking: "xz -dc", magic: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]),
        CompressedFile(name: "zstd", unpacking: "zstd -dc", magic: [0x28, 0xB5, 0x2F, 0xFD]),
        // "BZh" and a digit may begin a text; what begins the first block may not.
        CompressedFile(
            name: "bzip2", unpacking: "bzip2 -dc", magic: [0x42, 0x5A, 0x68, 0, 0x31, 0x41]),
        CompressedFile(name: "zip", unpacking: "unzip -p", magic: [0x50, 0x4B, 0x03, 0x04]),
        CompressedFile(name: "compress", unpacking: "gzip -dc", magic: [0x1F, 0x9D]),
    ]

    /// Tells a file's format, where it is a packed one.
    ///
    /// - Parameter start: the first bytes, `magicBytes` of them where the file has as many.
    static func format(of start: UnsafeBufferPointer<UInt8>) -> CompressedFile? {
        known.first { format in
            format.magic.count <= start.count
                // 0 stands for any byte.
                && zip(format.magic, start).allSatisfy { $0 == $1 || $0 == 0 }
        }
    }

    /// Whether a file is gzip's, which is read.
    static func isGzip(_ start: UnsafeBufferPointer<UInt8>) -> Bool {
        start.starts(with: [0x1F, 0x8B])
    }

    /// The error about a file that has to be unpacked first.
    ///
    /// - Parameter path: the file; nil for standard input.
    func error(path: String?, name: String) -> DatasetError {
        let file = path.map { " \($0)" } ?? ""
        return DatasetError(
            .badData, at: SourceLocation(file: name),
            "is packed by \(self.name), which is not read here; expected plain rows or gzip: unpack it, "
                + "as in \(unpacking)\(file) | warrant …, with - for the file and --format")
    }
}
