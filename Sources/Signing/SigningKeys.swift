import Classifiers
import Crypto
import Errors
import Files

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An Ed25519 key that signs answers (RFC 8032).
///
/// Its file is PEM with PKCS #8 (RFC 8410), as `openssl genpkey -algorithm ed25519` writes it.
public struct PrivateSigningKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// A new key from the system's source of randomness.
    public init() { key = Curve25519.Signing.PrivateKey() }

    /// Reads a key file.
    ///
    /// - Throws: `WarrantError` naming the file: it is missing, is no Ed25519 key, or is encrypted.
    public init(path: String) throws {
        let blocks = try PEMBlock.read(path: path)
        if blocks.contains(where: { $0.label == "ENCRYPTED PRIVATE KEY" }) {
            throw WarrantError(
                .badData,
                "\(path): the key is encrypted; give an unencrypted one, such as openssl pkey -in "
                    + "\(path) writes")
        }
        guard let bytes = Self.form.only(of: blocks),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
        else {
            throw WarrantError(
                .badData,
                "\(path): not one private Ed25519 key in PEM; expected a file of warrant keygen or of "
                    + "openssl genpkey -algorithm ed25519")
        }
        self.key = key
    }

    /// The key that checks this key's signatures.
    public var publicKey: PublicSigningKey { PublicSigningKey(key.publicKey) }

    /// The contents of a key file; it must be kept secret.
    public var pem: String { Self.form.pem(key.rawRepresentation) }

    /// The signature of a message, 64 bytes.
    func signature(of message: [UInt8]) throws -> [UInt8] {
        Array(try key.signature(for: message))
    }

    private static let form = PEMForm(
        label: "PRIVATE KEY",
        // SEQUENCE { 0, { id-Ed25519 }, OCTET STRING { OCTET STRING of 32 bytes } }.
        prefix: [
            0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22,
            0x04,
            0x20,
        ])
}

/// An Ed25519 key that checks signatures, and may be given to everybody.
///
/// Its file is PEM with a SubjectPublicKeyInfo (RFC 8410), as `openssl pkey -pubout` writes it.
public struct PublicSigningKey: Sendable {
    private let key: Curve25519.Signing.PublicKey

    init(_ key: Curve25519.Signing.PublicKey) { self.key = key }

    /// Reads the keys of a file: one, or several one after the other.
    ///
    /// - Throws: `WarrantError` naming the file: it is missing or holds no public Ed25519 key.
    public static func keys(path: String) throws -> [PublicSigningKey] {
        let blocks = try PEMBlock.read(path: path)
        if blocks.contains(where: { $0.label == "PRIVATE KEY" }) {
            throw WarrantError(
                .badData,
                "\(path): holds a private key; give the public one, which warrant keygen wrote beside "
                    + "it with the ending .pub")
        }
        let keys = blocks.compactMap { block in
            form.bytes(of: block).flatMap {
                try? Curve25519.Signing.PublicKey(rawRepresentation: $0)
            }
        }
        guard !keys.isEmpty, keys.count == blocks.count else {
            throw WarrantError(
                .badData,
                "\(path): holds something else than public Ed25519 keys in PEM; expected a file of "
                    + "warrant keygen or of openssl pkey -pubout")
        }
        return keys.map { PublicSigningKey($0) }
    }

    /// The contents of a key file.
    public var pem: String { Self.form.pem(key.rawRepresentation) }

    /// SHA-256 of the key's SubjectPublicKeyInfo in DER, in hexadecimal digits: what signatures name
    /// the key by.
    public var fingerprint: String {
        FileDigests.sha256(Self.form.prefix + Array(key.rawRepresentation))
    }

    /// Whether a signature is this key's for a message.
    func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        key.isValidSignature(signature, for: message)
    }

    private static let form = PEMForm(
        label: "PUBLIC KEY",
        // SEQUENCE { { id-Ed25519 }, BIT STRING of 32 bytes }.
        prefix: [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00])
}

/// How a key of 32 bytes stands in a PEM file: after a prefix in DER that never changes.
private struct PEMForm: Sendable {
    let label: String
    let prefix: [UInt8]

    func pem(_ key: some Sequence<UInt8>) -> String {
        let text = Data(prefix + Array(key)).base64EncodedString()
        return "-----BEGIN \(label)-----\n\(text)\n-----END \(label)-----\n"
    }

    /// The key in a block; nil where the block holds another kind of key.
    func bytes(of block: PEMBlock) -> [UInt8]? {
        guard block.label == label, block.bytes.count == prefix.count + 32,
            block.bytes.starts(with: prefix)
        else { return nil }
        return Array(block.bytes.dropFirst(prefix.count))
    }

    func only(of blocks: [PEMBlock]) -> [UInt8]? {
        blocks.count == 1 ? blocks.first.flatMap(bytes) : nil
    }
}

/// One block of a PEM file (RFC 7468).
private struct PEMBlock {
    let label: String
    let bytes: [UInt8]

    /// The blocks of a file; text outside of them is passed over. None where a block is not whole.
    static func read(path: String) throws -> [PEMBlock] {
        let lines = try keyFile(path).split { $0 == 0x0A || $0 == 0x0D }
        var blocks: [PEMBlock] = []
        var open: (label: String, text: String)?
        for line in lines {
            let line = String(decoding: line, as: UTF8.self)
            if let label = Self.label(of: line, "BEGIN") {
                open = (label, "")
            } else if let label = Self.label(of: line, "END") {
                guard let block = open, block.label == label,
                    let bytes = Data(base64Encoded: block.text)
                else { return [] }
                blocks.append(PEMBlock(label: label, bytes: Array(bytes)))
                open = nil
            } else {
                open?.text += line
            }
        }
        return open == nil ? blocks : []
    }

    private static func label(of line: String, _ mark: String) -> String? {
        let (begin, end) = ("-----\(mark) ", "-----")
        guard line.hasPrefix(begin), line.hasSuffix(end), line.utf8.count > begin.utf8.count + 5
        else { return nil }
        return String(line.dropFirst(begin.utf8.count).dropLast(end.utf8.count))
    }

    private static func keyFile(_ path: String) throws -> [UInt8] {
        guard FileManager.default.fileExists(atPath: path) else {
            throw WarrantError(
                .missingInput,
                "\(path): no such key file; check the path, or make a key with warrant keygen")
        }
        return try MappedFile.bytes(of: path, upTo: 1 << 16)
    }
}
