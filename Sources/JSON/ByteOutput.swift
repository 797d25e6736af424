import Errors
import Files

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Nobody reads the pipe any more that was written to: no failure, only a reason to stop.
package struct ClosedPipe: Error {}

/// Bytes on their way to an open file, gathered and written in large pieces.
///
/// A class, for a place in a file is one place.
package final class ByteOutput {
    /// What errors call the file.
    package let name: String
    private let descriptor: Int32
    private var gathered: [UInt8] = []

    /// Writes to an open file, which the caller closes.
    package init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    /// Appends bytes; they are written when a piece is full, or by `flush`.
    ///
    /// - Throws: `WarrantError` of kind `unwritable`, ``ClosedPipe``.
    package func append(_ bytes: some Sequence<UInt8>) throws {
        gathered.append(contentsOf: bytes)
        if gathered.count >= 1 << 16 { try flush() }
    }

    /// Appends a value as a line of JSON.
    ///
    /// - Throws: as `append`.
    package func append(line value: JSONText) throws {
        value.append(to: &gathered)
        gathered.append(UInt8(ascii: "\n"))
        if gathered.count >= 1 << 16 { try flush() }
    }

    /// Writes all that was appended.
    ///
    /// - Throws: `WarrantError` of kind `unwritable`, ``ClosedPipe``.
    package func flush() throws {
        defer { gathered.removeAll(keepingCapacity: true) }
        let code = gathered.withUnsafeBytes { writeAll($0, to: descriptor) }
        if code == EPIPE { throw ClosedPipe() }
        guard code == 0 else { throw WarrantError.unwritable(name, code) }
    }
}

extension WarrantError {
    /// A file that the system does not let be written, with the system's reason.
    package static func unwritable(_ path: String, _ code: Int32) -> WarrantError {
        WarrantError(
            .unwritable,
            "\(path): cannot be written (\(String(cString: strerror(code)))); check that its folder "
                + "exists, is writable and has room")
    }
}
