/// The names of what is not finished yet: `.NAME.warrant-0123456789abcdef.partial` beside `NAME`.
///
/// The sixteen digits come from the system's generator, so that nobody can know a name before it is
/// taken; the rest marks it as this package's.
package enum TemporaryName {
    private static let mark = ".warrant-"
    private static let ending = ".partial"
    private static let digits = Set("0123456789abcdef".utf8)

    /// A new name beside `place`, as a path.
    static func beside(_ place: String) -> String {
        let (folder, name) = split(place)
        let random = String(UInt64.random(in: .min ... .max), radix: 16)
        let zeros = String(repeating: "0", count: 16 - random.utf8.count)
        return folder + prefix(of: name) + mark + zeros + random + ending
    }

    /// Whether `name` is one that `beside` made for a file or folder called `owner`, or, for nil, for
    /// any.
    package static func isOurs(_ name: String, of owner: String?) -> Bool {
        guard name.hasPrefix("."), name.hasSuffix(ending) else { return false }
        let rest = name.utf8.dropLast(ending.utf8.count)
        let random = rest.suffix(16)
        guard random.count == 16, random.allSatisfy(digits.contains) else { return false }
        guard let start = String(rest.dropLast(16)) else { return false }
        guard let owner else { return start.hasSuffix(mark) }
        return start == prefix(of: owner) + mark
    }

    /// Whether `name` is one that an earlier version of this package gave to what was not finished
    /// for `owner`. Such names carry no mark that proves whose they are.
    package static func isOlder(_ name: String, of owner: String) -> Bool {
        guard !isOurs(name, of: owner) else { return false }
        if name.hasPrefix(".\(owner).") {
            return [".partial", ".replaced", ".discarded"].contains { name.hasSuffix($0) }
        }
        guard name.hasPrefix("\(owner)."), name.hasSuffix(ending) else { return false }
        let process = name.utf8.dropFirst(owner.utf8.count + 1).dropLast(ending.utf8.count)
        return !process.isEmpty && process.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// A folder's path with its last slash, and the name within it.
    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return ("./", path) }
        return (String(path[...slash]), String(path[path.utf8.index(after: slash)...]))
    }

    /// A dot and the owner's name, so short that the whole fits the 255 bytes that systems allow.
    private static func prefix(of owner: String) -> String {
        var kept = String.UnicodeScalarView()
        var bytes = 0
        for scalar in owner.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > 200 { break }
            kept.append(scalar)
        }
        return "." + String(kept)
    }
}
