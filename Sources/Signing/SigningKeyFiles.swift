import Errors
import Files

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension PrivateSigningKey {
    /// Writes the key to a new file that nobody but its owner can read (mode 600), and its public key
    /// beside it under the same name with the ending `.pub`.
    ///
    /// - Throws: `WarrantError` naming the file: something stands there already, or it cannot be
    ///   written. Then neither file is left.
    public func writeFiles(to path: String) throws {
        let publicPath = "\(path).pub"
        try Self.writeNew(pem, to: path, mode: 0o600)
        do { try Self.writeNew(publicKey.pem, to: publicPath, mode: 0o644) } catch {
            unlink(path)
            throw error
        }
    }

    /// Whether others than the owner may read or write a key file.
    package static func isOpenToOthers(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & 0o077 != 0
    }

    private static func writeNew(_ text: String, to path: String, mode: mode_t) throws {
        var status = stat()
        guard lstat(path, &status) != 0 else {
            throw WarrantError(
                .unwritable,
                "\(path): exists already, and a key is never replaced; give another --output")
        }
        do { try writeNewFile(Array(text.utf8), to: path, mode: mode) } catch {
            throw WarrantError(error)
        }
    }
}
