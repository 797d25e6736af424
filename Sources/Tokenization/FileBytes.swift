#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The largest file that is read: a tokenizer's files take a few megabytes.
let largestTokenizerFile = 256 << 20

/// The largest file of settings that is read: their values take many times their bytes.
let largestSettingsFile = 16 << 20

/// A regular file's bytes, or nil where there is no such file.
///
/// The size is bounded and devices and pipes are refused, since a model folder may come from
/// anywhere.
func bytesOfFile(at path: String, upTo limit: Int = largestTokenizerFile) throws -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
        if errno == ENOENT { return nil }
        throw TokenizerError.unreadable(file: path, problem: systemError())
    }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0 else {
        throw TokenizerError.unreadable(file: path, problem: systemError())
    }
    guard information.st_mode & S_IFMT == S_IFREG else {
        throw TokenizerError.unreadable(file: path, problem: "a regular file was expected")
    }
    let size = Int(information.st_size)
    guard size <= limit else {
        throw TokenizerError.unreadable(
            file: path, problem: "has \(size) bytes; at most \(limit) were expected")
    }
    var failure: String?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        while count < size, let base = buffer.baseAddress {
            let got = read(descriptor, base + count, size - count)
            if got < 0 && errno == EINTR { continue }
            if got < 0 { failure = systemError() }
            if got <= 0 { break }
            count += got
        }
    }
    if let failure { throw TokenizerError.unreadable(file: path, problem: failure) }
    return bytes
}

private func systemError() -> String { String(cString: strerror(errno)) }
