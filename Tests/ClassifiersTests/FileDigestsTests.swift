import Classifiers
import Foundation
import TestSupport
import Testing

@Suite struct FileDigestsTests {
    // FIPS 180-4's examples for "abc" and the empty message.
    private static let ofABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    private static let ofNothing =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    @Test func bytesHaveTheirSHA256() {
        #expect(FileDigests.sha256(Array("abc".utf8)) == Self.ofABC)
        #expect(FileDigests.sha256([UInt8]()) == Self.ofNothing)
    }

    @Test func filesHaveTheirSHA256() throws {
        let folder = try TemporaryFolder()
        try folder.file("abc", "abc")
        try folder.file("empty", "")
        let digests = try ["abc", "empty"].map {
            try FileDigests.sha256(file: folder.url.appendingPathComponent($0))
        }
        #expect(digests == [Self.ofABC, Self.ofNothing])
        #expect(throws: (any Error).self) {
            try FileDigests.sha256(file: folder.url.appendingPathComponent("missing"))
        }
    }

    @Test func aStagesDigestIsThatOfItsListing() {
        let listing = "config.json \(Self.ofNothing)\nvocab.txt \(Self.ofABC)\n"
        #expect(
            FileDigests.stage(files: ["vocab.txt": Self.ofABC, "config.json": Self.ofNothing])
                == FileDigests.sha256(Array(listing.utf8)))
    }

    @Test func aStagesDigestDependsOnNamesAndContents() throws {
        let folder = try TemporaryFolder()
        try folder.file("config.json", "{}")
        try folder.file("vocab.txt", "abc")
        let original = try FileDigests.stage(folder.url)

        try folder.file("vocab.txt", "abd")
        let otherContent = try FileDigests.stage(folder.url)
        #expect(otherContent != original)

        // The same two contents under exchanged names.
        try folder.file("config.json", "abc")
        try folder.file("vocab.txt", "{}")
        #expect(try FileDigests.stage(folder.url) != original)

        try folder.file("config.json", "{}")
        try folder.file("vocab.txt", "abc")
        #expect(try FileDigests.stage(folder.url) == original)

        try folder.file("tokenizer.json", "")
        #expect(try FileDigests.stage(folder.url) != original)
    }

    @Test func theFilesOfEveryKindOfTokenizerCount() throws {
        let folder = try TemporaryFolder()
        let names = [
            "merges.txt", "special_tokens_map.json", "tokenizer.json", "vocab.json", "vocab.txt",
        ]
        for name in names { try folder.file(name, name) }
        #expect(try FileDigests.files(in: folder.url).keys.sorted() == names)
    }

    @Test func whatAPredictionDoesNotDependOnIsLeftOut() throws {
        let folder = try TemporaryFolder()
        try folder.file("config.json", "{}")
        let original = try FileDigests.stage(folder.url)
        try folder.file("README.md", "a note")
        #expect(try FileDigests.stage(folder.url) == original)
        #expect(try FileDigests.files(in: folder.url).keys.sorted() == ["config.json"])
    }
}
