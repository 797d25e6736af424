import Foundation
import TestSupport
import Testing

import Files

@Suite("What killed runs left")
struct LeftoversTests {
    private static let stale = ".m.warrant-0123456789abcdef.partial"

    private func folder(_ path: String, holding name: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data("x".utf8).write(to: URL(filePath: "\(path)/\(name)"))
    }

    private func hasMark(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/mark")
    }

    @Test func filesAndFoldersOfOursThatNobodyHoldsAreRemoved() throws {
        let folder = try TemporaryFolder()
        let place = folder.path + "/m"
        try self.folder("\(folder.path)/\(Self.stale)", holding: "inner")
        let file = try folder.file(".m.warrant-00000000000000ff.partial", "half")
        let others = [".n.warrant-0123456789abcdef.partial", "m", "mine"]
        for name in others { try folder.file(name, "other") }
        #expect(
            Leftovers.clear(beside: place) == [
                .removed(file), .removed("\(folder.path)/\(Self.stale)"),
            ])
        #expect(try folder.names == others.sorted())
        #expect(Leftovers.clear(in: folder.path, except: { _ in true }) == [])
        #expect(Leftovers.clear(in: folder.path) == [.removed("\(folder.path)/\(others[0])")])
    }

    @Test func whatALiveWriterHoldsIsNeverTouched() throws {
        let folder = try TemporaryFolder()
        let place = folder.path + "/m"
        let (file, inner) = (try PendingItem(file: place), try PendingItem(folder: place))
        let found = Leftovers.clear(beside: place)
        #expect(
            Set(found.map { "\($0)" }) == Set([file, inner].map { "\(Leftover.inUse($0.path))" }))
        #expect(try folder.names.count == 2)
        file.discard()
        inner.discard()
        #expect(try folder.names == [])
    }

    @Test func whatCarriesNoProofIsNamedAndKept() throws {
        let folder = try TemporaryFolder()
        let target = try folder.file("target", "mine")
        let path = "\(folder.path)/\(Self.stale)"
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        let older = [".m.1-ab.partial", ".m.1-ab.replaced", ".m.1-ab.discarded", "m.77.partial"]
        for name in older { try folder.file(name, "old") }
        try folder.file("m.x.partial", "mine")
        let found = Leftovers.clear(beside: folder.path + "/m")
        #expect(
            Set(found.map { "\($0)" })
                == Set(
                    (older.map { "\(folder.path)/\($0)" } + [path]).map {
                        "\(Leftover.uncertain($0))"
                    }))
        #expect(try folder.names.count == 7)
        #expect(try folder.bytes(of: "target") == Array("mine".utf8))
    }

    @Test func aFinishedFolderIsKeptWhereNothingStandsAtThePlace() throws {
        let folder = try TemporaryFolder()
        let place = folder.path + "/it's m"
        let stale = "\(folder.path)/.it's m.warrant-0123456789abcdef.partial"
        let older = "\(folder.path)/.it's m.9-a.replaced"
        for path in [stale, older] { try self.folder(path, holding: "mark") }
        let found = Leftovers.clear(beside: place, isFinished: hasMark)
        #expect(found == [.finished(older), .finished(stale)])
        // The command that is named does what it says.
        let notice = try #require(found.last).notice(of: place)
        let command = try #require(notice.range(of: "mv ")).lowerBound
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", String(notice[command...])]
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0 && hasMark(place))
        // Now that something stands there, what is ours is stale.
        try self.folder(stale, holding: "mark")
        #expect(
            Leftovers.clear(beside: place, isFinished: hasMark)
                == [.uncertain(older), .removed(stale)])
    }

    @Test func manyRunsOnOnePlaceLeaveAWholeFileAndNothingElse() async throws {
        let folder = try TemporaryFolder()
        let place = folder.path + "/f"
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<25 {
                        _ = Leftovers.clear(beside: place)
                        let bytes = [UInt8](repeating: UInt8(task), count: 1_000 + round)
                        try? replaceFile(at: place, with: bytes)
                    }
                }
            }
        }
        let bytes = try folder.bytes(of: "f")
        #expect(bytes.count >= 1_000 && Set(bytes).count == 1)
        #expect(try folder.names == ["f"])
    }
}
