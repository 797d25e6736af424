import Files
import Synchronization
import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Words for people, on standard error.
enum Messages {
    /// Whether standard error is a terminal.
    static let isTerminal = isatty(STDERR_FILENO) == 1

    /// Held by the thread that writes.
    private static let turn = Mutex(())

    /// Says one line, marked as this command's.
    static func say(_ line: String) { write(marked(line)) }

    /// Finds an encoder, and says where it was found where that is not plain.
    ///
    /// - Throws: `EncoderError`, `FileError`, `TokenizerError`.
    static func locate(_ encoder: String) throws -> URL {
        let location = try EncoderLocation(encoder)
        location.notices.forEach(say)
        return location.folder
    }

    /// Writes text as it is. Nothing can be done where even this fails.
    static func write(_ text: String) { turn.withLock { _ in writeToStandardError(text) } }

    /// Says the last line and ends the process: no other thread says anything after it.
    static func end(saying line: String, status: Int32) -> Never {
        turn.withLock { _ in
            writeToStandardError(marked(line))
            _exit(status)
        }
    }

    private static func marked(_ line: String) -> String {
        (isTerminal ? "\r\u{1B}[K" : "") + "warrant: \(line.visible)\n"
    }

    private static func writeToStandardError(_ text: String) {
        var text = text
        text.withUTF8 { _ = writeAll(UnsafeRawBufferPointer($0), to: STDERR_FILENO) }
    }

    /// The terminal's width in columns, 80 where it does not tell.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
