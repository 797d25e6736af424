import Foundation
import TestSupport
import Testing

import Files

@Suite("Files that are read once")
struct FolderFilesTests {
    private static let large = [UInt8](repeating: 7, count: MappedFile.largestInMemory + 1)

    @Test func whatWasReadStaysWhateverHappensToTheFolder() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("small", "before")
        try folder.file("large", bytes: Self.large)
        let files = FolderFiles(folder.path)
        #expect(try files.bytes("small") == Array("before".utf8))
        #expect(try files.file("large")?.count == Self.large.count)
        #expect(try files.file("absent") == nil)
        // In place, by a rename, and new.
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        try handle.write(contentsOf: Data("after!".utf8))
        try replaceFile(at: folder.path + "/large", with: [1])
        try folder.file("absent", "now")
        #expect(try files.bytes("small") == Array("before".utf8))
        #expect(try files.bytes("large") == Self.large)
        #expect(try files.file("absent") == nil)
        try files.requireUnchanged()
    }

    @Test func aMappedFileThatIsWrittenIntoIsFoundAfterwards() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("large", bytes: Self.large)
        let files = FolderFiles(folder.path)
        _ = try files.file("large")
        try files.requireUnchanged()
        // Some clocks of file systems tick four times in a hundredth of a second.
        usleep(20_000)
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        try handle.write(contentsOf: Data([9]))
        let error = #expect(throws: FileError.self) { try files.requireUnchanged() }
        #expect(error?.path == path && error?.kind == .badData)
    }

    @Test func whatIsNoPlainFileOrTooLargeIsRefused() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/inner", withIntermediateDirectories: false)
        #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
        try folder.file("long", "12345")
        let files = FolderFiles(folder.path + "/")
        for name in ["inner", "pipe"] {
            #expect(throws: FileError.self) { _ = try files.file(name) }
        }
        #expect(throws: FileError.self) { _ = try files.bytes("long", upTo: 4) }
        #expect(files.path(of: "long") == folder.path + "/long")
        #expect(throws: FileError.self) { _ = try MappedFile(path: folder.path + "/none") }
    }
}
