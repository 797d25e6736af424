import CFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Renaming in one step, in the three ways that finished files and folders are put in their place.
/// Each returns 0, or the system's error number.
enum Renaming {
    /// What a system or a file system answers that has no such way.
    static func isUnknown(_ code: Int32) -> Bool {
        code == EINVAL || code == ENOSYS || code == ENOTSUP || code == EOPNOTSUPP
    }

    /// Two names change places; both must be there.
    ///
    /// - Parameter hasExchange: whether the system may be asked for it.
    static func exchange(
        _ first: String, _ second: String, hasExchange: Bool = true
    ) -> Int32 {
        guard hasExchange else { return ENOSYS }
        return result(warrant_exchange(first, second))
    }

    /// A name is taken that must be free.
    static func place(_ old: String, _ new: String, hasExchange: Bool = true) -> Int32 {
        let code = hasExchange ? result(warrant_rename_new(old, new)) : ENOSYS
        guard isUnknown(code) else { return code }
        // As near as can be: rename replaces a file and an empty folder.
        var status = stat()
        guard lstat(new, &status) != 0 else { return EEXIST }
        return replace(old, new)
    }

    /// A file takes a name, whatever file has it now.
    static func replace(_ old: String, _ new: String) -> Int32 { result(rename(old, new)) }

    private static func result(_ status: Int32) -> Int32 { status == 0 ? 0 : errno }
}
