import JSON

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Signatures of answers: lines of `warrant classify` under the key `signature`.
///
/// What is signed is the text `warrant answer 1`, a line feed, and the line without its member
/// `signature` in the form of RFC 8785 (`canonicalJSON`). White space and the order of members may
/// therefore change on the way; nothing else may.
package enum AnswerSignature {
    /// The member of a line that holds its signature.
    package static let key = "signature"

    private static let algorithm = "Ed25519"
    private static let context = Array("warrant answer 1\n".utf8)

    /// A line with its signature as the last member.
    ///
    /// - Precondition: the line is an object without a member `signature`.
    package static func sign(_ line: JSONText, with key: PrivateSigningKey) throws -> JSONText {
        guard case .object(let members) = line else { preconditionFailure("a line is an object") }
        let value = try JSONValue(json: Array(line.write().utf8), file: "answer")
        let signature = try key.signature(of: message(value))
        let member: JSONText = [
            "algorithm": .string(algorithm),
            "key_sha256": .string(key.publicKey.fingerprint),
            "value": .string(Data(signature).base64EncodedString()),
        ]
        return .object(members + [(key: Self.key, value: member)])
    }

    /// Checks a line's signature.
    ///
    /// - Parameter trusted: the keys one of which must have made it.
    /// - Returns: what is wrong; nil: the line is as one of the keys signed it.
    package static func difference(_ line: JSONValue, trusted: [PublicSigningKey]) -> String? {
        guard case .object(var members) = line, let signature = members.removeValue(forKey: key)
        else { return "signature: it is missing" }
        guard let parts = signature.object,
            Set(parts.keys) == ["algorithm", "key_sha256", "value"],
            parts["algorithm"]?.string == algorithm,
            let fingerprint = parts["key_sha256"]?.string,
            let text = parts["value"]?.string, let bytes = Data(base64Encoded: text),
            bytes.count == 64, bytes.base64EncodedString() == text
        else {
            return "signature: not of the form {\"algorithm\": \"\(algorithm)\", "
                + "\"key_sha256\": …, \"value\": … of 64 bytes in base64}"
        }
        guard let key = trusted.first(where: { $0.fingerprint == fingerprint }) else {
            return "signature: it is of the key \(fingerprint.prefix(12))…, which is not trusted; "
                + "trusted: "
                + trusted.map { "\($0.fingerprint.prefix(12))…" }
                .joined(separator: ", ")
        }
        guard key.isValid(Array(bytes), for: message(.object(members))) else {
            return "signature: the line is not what the key \(fingerprint.prefix(12))… signed"
        }
        return nil
    }

    private static func message(_ line: JSONValue) -> [UInt8] { context + canonicalJSON(line) }
}
