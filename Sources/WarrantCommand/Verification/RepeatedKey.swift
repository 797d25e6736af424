import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The first key that an object of a JSON text, or one within it, has twice; nil: none has. Readers
/// disagree on which of the two counts, so what one has verified another may read otherwise.
///
/// - Parameter json: valid JSON.
func repeatedKey(in json: some Sequence<UInt8>) -> String? {
    /// The keys of an object that is open, or nil for an array.
    var open: [Set<String>?] = []
    var isKey = false
    var (isInString, isEscaped): (Bool, Bool) = (false, false)
    var text: [UInt8] = []
    for byte in json {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
                guard isKey, let name = unescaped(text) else { continue }
                isKey = false
                if open[open.count - 1]?.insert(name).inserted == false { return name }
                continue
            }
            if isKey { text.append(byte) }
            continue
        }
        switch byte {
        case UInt8(ascii: "\""):
            isInString = true
            text.removeAll(keepingCapacity: true)
        case UInt8(ascii: "{"):
            open.append([])
            isKey = true
        case UInt8(ascii: "["):
            open.append(nil)
            isKey = false
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            isKey = false
            if open.popLast() == nil { return nil }
        case UInt8(ascii: ","): isKey = open.last.map { $0 != nil } ?? false
        default: break
        }
    }
    return nil
}

/// A string from what stands between its quotes.
private func unescaped(_ bytes: [UInt8]) -> String? {
    guard bytes.contains(UInt8(ascii: "\\")) else { return String(decoding: bytes, as: UTF8.self) }
    let quoted = Data("[\"".utf8) + Data(bytes) + Data("\"]".utf8)
    return (try? JSONDecoder().decode([String].self, from: quoted))?.first
}
