import Classifiers
import Errors

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The digest that `warrant.json` holds of its own bytes: SHA-256 of the file with the 64 digits of
/// the digest itself replaced by zeros.
package enum ManifestDigest {
    /// The digest's key.
    static let key = "manifest_sha256"

    /// Stands in the digest's place while it is computed.
    static let blank = String(repeating: "0", count: 64)

    /// A manifest with the digest that fits it, in place of any other.
    ///
    /// - Precondition: the bytes hold the key once, with 64 bytes as its value.
    package static func sealed(_ bytes: [UInt8]) -> [UInt8] {
        guard let place = place(in: bytes) else { preconditionFailure("a manifest has the key") }
        var sealed = bytes
        sealed.replaceSubrange(place, with: digest(of: bytes, at: place).utf8)
        return sealed
    }

    /// Checks a manifest's digest.
    ///
    /// - Parameter file: the manifest's path, for the error.
    /// - Throws: `WarrantError` where the digest is missing or does not fit the bytes.
    static func check(_ bytes: [UInt8], file: String) throws {
        guard let place = place(in: bytes) else {
            throw WarrantError(
                .badData,
                "\(file): \"\(key)\" is missing or stands there twice; expected 64 hexadecimal digits: "
                    + "copy the model again")
        }
        guard bytes[place].elementsEqual(digest(of: bytes, at: place).utf8) else {
            throw WarrantError(
                .badData,
                "\(file): the contents do not match their own \"\(key)\"; the file was altered or "
                    + "damaged: copy the model again")
        }
    }

    private static func digest(of bytes: [UInt8], at place: Range<Int>) -> String {
        var bytes = bytes
        bytes.replaceSubrange(place, with: blank.utf8)
        return FileDigests.sha256(bytes)
    }

    /// Where the value's digits stand; nil where the key does not stand there exactly once with a
    /// string of 64 bytes. Within a string of JSON its quotes would be escaped.
    private static func place(in bytes: [UInt8]) -> Range<Int>? {
        let name = Array("\"\(key)\"".utf8)
        let starts = bytes.indices.filter {
            bytes[$0] == name[0] && bytes[$0...].starts(with: name)
        }
        guard starts.count == 1, let start = starts.first else { return nil }
        var rest = bytes[(start + name.count)...]
        func skip(_ byte: UInt8) -> Bool {
            rest = rest.drop { $0 == 0x20 }
            guard rest.first == byte else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard skip(UInt8(ascii: ":")), skip(UInt8(ascii: "\"")), rest.count > 64 else { return nil }
        let place = rest.startIndex..<(rest.startIndex + 64)
        return bytes[place.upperBound] == UInt8(ascii: "\"") ? place : nil
    }
}

extension ModelManifest {
    /// The manifest as the bytes of `warrant.json`, with their digest. Equal manifests give equal
    /// bytes.
    func file() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return ManifestDigest.sealed(Array(try encoder.encode(self)) + Array("\n".utf8))
    }
}
