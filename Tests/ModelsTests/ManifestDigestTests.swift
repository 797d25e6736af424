import Foundation
import Randomness
import TestSupport
import Testing
import Warrant

/// No byte of `warrant.json` can be altered without notice.
@Suite struct ManifestDigestTests {
    private static let shipped = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Models/sst-small")

    /// A copy of the shipped model whose manifest is this one.
    private func open(_ manifest: [UInt8], in folder: TemporaryFolder) throws -> RationaleModel {
        try folder.file("model/warrant.json", bytes: manifest)
        return try RationaleModel(folder: folder.url.appendingPathComponent("model"), threads: 1)
    }

    @Test func everyAlteredByteIsNoticed() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(
            at: Self.shipped, to: folder.url.appendingPathComponent("model"))
        let sound = try folder.bytes(of: "model/warrant.json")
        try #require(String(decoding: sound, as: UTF8.self).contains("\"manifest_sha256\""))
        _ = try open(sound, in: folder)
        var generator = SeededGenerator(seed: 5)
        var places = (0..<60).map { _ in Int(generator.next() % UInt64(sound.count)) }
        // Also white space, digits of the digest itself, and the last byte.
        places += [1, sound.count - 1]
        let digest = try #require(
            String(decoding: sound, as: UTF8.self).range(of: "manifest_sha256\" : \""))
        places.append(
            String(decoding: sound, as: UTF8.self)[..<digest.upperBound].utf8.count + 3)
        for place in places {
            var altered = sound
            altered[place] ^= 1
            #expect(throws: (any Error).self, "byte \(place)") { try open(altered, in: folder) }
        }
        #expect(throws: (any Error).self, "a space at the end") {
            try open(sound + [0x20], in: folder)
        }
        // What a reader of the earlier formats would have taken.
        let longer = String(decoding: sound, as: UTF8.self)
            .replacingOccurrences(
                of: "\"maximum_length\" : 256", with: "\"maximum_length\" : 128")
        #expect(Array(longer.utf8) != sound)
        do {
            _ = try open(Array(longer.utf8), in: folder)
            Issue.record("an altered setting was taken")
        } catch let error as WarrantError {
            #expect(error.kind == .badData)
            #expect(
                error.description.contains("warrant.json: ")
                    && error.description.contains("altered"))
        }
    }
}
