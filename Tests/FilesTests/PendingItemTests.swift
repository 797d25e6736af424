import Foundation
import Synchronization
import TestSupport
import Testing

import Files

@Suite("What is written beside its place")
struct PendingItemTests {
    /// Writes a folder of two files, the second at a depth.
    private func fill(_ path: String, _ text: String) throws {
        try FileManager.default.createDirectory(
            atPath: path + "/inner", withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path + "/mark"))
        try Data(text.utf8).write(to: URL(filePath: path + "/inner/part"))
    }

    /// The one text that all files of a folder hold; nil where it is no whole folder.
    private func whole(_ path: String) -> String? {
        let texts = ["/mark", "/inner/part"].map {
            FileManager.default.contents(atPath: path + $0).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
        return texts[0] == texts[1] ? texts[0] : nil
    }

    private func isMarked(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/mark")
    }

    @Test func atEveryStepOfAnExchangeAWholeFolderStandsAtThePlace() throws {
        let folder = try TemporaryFolder()
        let place = folder.path + "/m"
        try fill(place, "old")
        let item = try PendingItem(folder: place)
        try fill(item.path, "new")
        let steps = Mutex<[PendingItem.Step]>([])
        let found = Mutex<[String?]>([])
        let probe = PendingItem.Probe { step in
            steps.withLock { $0.append(step) }
            found.withLock { $0.append(whole(place)) }
        }
        try item.commit(replacing: .folder(isMarked), probe: probe)
        #expect(steps.withLock { $0 } == [.synced, .placed, .folderSynced, .removed])
        #expect(found.withLock { $0 } == ["old", "new", "new", "new"])
        #expect(try folder.names == ["m"])
    }

    @Test func withoutAnExchangeBothFoldersStayWholeAtEveryStep() throws {
        let folder = try TemporaryFolder()
        let place = folder.path + "/m"
        try fill(place, "old")
        let item = try PendingItem(folder: place)
        try fill(item.path, "new")
        let atPlace = Mutex<[PendingItem.Step: String?]>([:])
        let aside = Mutex<[String]>([])
        let probe = PendingItem.Probe(withoutExchange: true) { step in
            atPlace.withLock { $0[step] = whole(place) }
            if step == .movedAside {
                let names = (try? folder.names) ?? []
                aside.withLock { $0 = names.compactMap { whole("\(folder.path)/\($0)") } }
            }
        }
        try item.commit(replacing: .folder(isMarked), probe: probe)
        #expect(
            aside.withLock { $0 }.sorted() == ["new", "old"], "nothing is lost between the steps")
        #expect(atPlace.withLock { $0[.synced] } == "old" && whole(place) == "new")
        #expect(try folder.names == ["m"])
    }

    @Test(arguments: [false, true])
    func whatIsNotToBeReplacedIsKept(withoutExchange: Bool) throws {
        let probe = PendingItem.Probe(withoutExchange: withoutExchange)
        let folder = try TemporaryFolder()
        let place = folder.path + "/m"
        let item = try PendingItem(folder: place)
        try fill(item.path, "new")
        // It appears after the check that was made at the beginning.
        try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: true)
        try folder.file("m/mine", "mine")
        #expect(throws: FileError.self) {
            try item.commit(replacing: .folder(isMarked), probe: probe)
        }
        #expect(throws: FileError.self) { try item.commit(replacing: .nothing, probe: probe) }
        #expect(try folder.bytes(of: "m/mine") == Array("mine".utf8))
        #expect(whole(item.path) == "new", "the work is not lost")
        item.discard()
        #expect(try folder.names == ["m"])

        let file = try PendingItem(file: folder.path + "/f")
        try folder.file("f", "other")
        let error = #expect(throws: FileError.self) {
            try file.commit(replacing: .nothing, probe: probe)
        }
        #expect(error?.kind == .unwritable)
        #expect(try folder.bytes(of: "f") == Array("other".utf8))
        try file.commit(replacing: .file, probe: probe)
        #expect(try folder.bytes(of: "f") == [])
    }

    @Test func aFolderThatTakesAnothersPlaceInTheVeryMomentIsPutBack() throws {
        let folder = try TemporaryFolder()
        let place = folder.path + "/m"
        try fill(place, "old")
        let item = try PendingItem(folder: place)
        try fill(item.path, "new")
        let calls = Mutex(0)
        #expect(throws: FileError.self) {
            // The second call is about what was exchanged.
            try item.commit(
                replacing: .folder { _ in
                    calls.withLock {
                        $0 += 1; return $0 == 1
                    }
                })
        }
        #expect(calls.withLock { $0 } == 2)
        #expect(whole(place) == "old" && whole(item.path) == "new")
    }

    @Test func namesAreRandomExclusiveAndMarked() throws {
        let folder = try TemporaryFolder()
        let place = folder.path + "/é" + String(repeating: "n", count: 250)
        let items = try (0..<20).map { _ in try PendingItem(file: folder.path + "/m") }
        #expect(Set(items.map(\.path)).count == 20)
        for name in try folder.names {
            #expect(TemporaryName.isOurs(name, of: "m") && TemporaryName.isOurs(name, of: nil))
            #expect(!TemporaryName.isOurs(name, of: "n") && !TemporaryName.isOurs(name, of: "m.x"))
        }
        #expect(throws: Never.self) { _ = try PendingItem(file: place) }
        for name in [
            ".m.partial", ".m.warrant-1.partial", "m.warrant-0123456789abcdef.partial",
            ".m.warrant-0123456789abcdeX.partial", ".m.warrant-0123456789abcdef.replaced",
        ] {
            #expect(!TemporaryName.isOurs(name, of: "m"), "\(name)")
        }
    }

    @Test func aFileIsReplacedInOneStepAndALinkAtItsPlaceIsNotFollowed() throws {
        let folder = try TemporaryFolder()
        let other = try folder.file("other", "other")
        let path = folder.path + "/f"
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: other)
        try replaceFile(at: path, with: Array("one".utf8))
        #expect(try folder.bytes(of: "other") == Array("other".utf8))
        #expect(try folder.bytes(of: "f") == Array("one".utf8))
        struct Stopped: Error {}
        #expect(throws: Stopped.self) { try replaceFile(at: path) { _ in throw Stopped() } }
        #expect(try folder.bytes(of: "f") == Array("one".utf8))
        #expect(throws: FileError.self) { try writeNewFile([1], to: path) }
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/l", withDestinationPath: folder.path + "/absent")
        #expect(throws: FileError.self) { try writeNewFile([1], to: folder.path + "/l") }
        #expect(try folder.names == ["f", "l", "other"])
    }
}
