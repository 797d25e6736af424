import Foundation
import TestSupport
import Testing
import Warrant

@Suite("A folder that appears when it is complete")
struct PendingFolderTests {
    private func names(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test func commitPutsItInPlaceAndDiscardLeavesNothing() throws {
        try withFolder { folder in
            let place = folder.appendingPathComponent("model")
            let first = try PendingFolder(for: place, overwrites: false)
            try Data("one".utf8).write(to: first.url.appendingPathComponent("warrant.json"))
            #expect(try names(folder) != ["model"], "nothing appears before the commit")
            try first.commit()
            #expect(try names(folder) == ["model"])
            let second = try PendingFolder(for: place, overwrites: true)
            try Data("two".utf8).write(to: second.url.appendingPathComponent("warrant.json"))
            second.discard()
            #expect(try names(folder) == ["model"])
            let file = place.appendingPathComponent("warrant.json")
            #expect(try String(contentsOf: file, encoding: .utf8) == "one")
            let third = try PendingFolder(for: place, overwrites: true)
            try Data("three".utf8).write(to: third.url.appendingPathComponent("warrant.json"))
            try third.commit()
            #expect(try String(contentsOf: file, encoding: .utf8) == "three")
            #expect(try names(folder) == ["model"])
        }
    }

    @Test func whatStandsThereIsNotTouchedWithoutPermission() throws {
        try withFolder { folder in
            let place = folder.appendingPathComponent("model")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            for overwrites in [false, true] {
                let error = #expect(throws: WarrantError.self) {
                    _ = try PendingFolder(for: place, overwrites: overwrites)
                }
                #expect(error?.kind == .unwritable)
            }
            #expect(try names(folder) == ["model"], "a folder that is no model is never replaced")
        }
    }

    @Test func whatAKilledProcessOfTheSameNumberLeftIsInNobodysWay() throws {
        try withFolder { folder in
            let place = folder.appendingPathComponent("model")
            let left = ["partial", "replaced", "discarded"].map {
                ".model.\(ProcessInfo.processInfo.processIdentifier).\($0)"
            }
            for name in left {
                let old = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(at: old, withIntermediateDirectories: true)
                try Data("old".utf8).write(to: old.appendingPathComponent("old"))
            }
            for text in ["one", "two"] {
                let pending = try PendingFolder(for: place, overwrites: text == "two")
                try Data(text.utf8).write(to: pending.url.appendingPathComponent("warrant.json"))
                try pending.commit()
            }
            let file = place.appendingPathComponent("warrant.json")
            #expect(try String(contentsOf: file, encoding: .utf8) == "two")
            try PendingFolder(for: place, overwrites: true).discard()
            // Another container's process may have that number, and be at work.
            #expect(try names(folder) == left.sorted() + ["model"])
        }
    }

    @Test func aFinishedFolderSurvivesWhenItsPlaceWasTakenMeanwhile() throws {
        try withFolder { folder in
            let place = folder.appendingPathComponent("model")
            let pending = try PendingFolder(for: place, overwrites: false)
            try Data("done".utf8).write(to: pending.url.appendingPathComponent("warrant.json"))
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try Data().write(to: place.appendingPathComponent("other"))
            let error = #expect(throws: WarrantError.self) { try pending.commit() }
            #expect(error?.description.contains(".finished.") == true)
            let kept = try #require(try names(folder).first { $0.contains(".finished.") })
            let file = folder.appendingPathComponent("\(kept)/warrant.json")
            #expect(try String(contentsOf: file, encoding: .utf8) == "done")
        }
    }
}
