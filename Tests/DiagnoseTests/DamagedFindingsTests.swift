import AttentionModels
import Diagnose
import Foundation
import TestSupport
import Testing
import Warrant

/// Files of stages may have been altered: what they hold is refused, or it is findings that can be told.
@Suite("Damaged findings") struct DamagedFindingsTests {
    /// Every document that differs from `value` in one place: a member that is missing, a number that is
    /// another, an array with an element less or more. Of arrays the first and the last element are
    /// changed.
    private func damaged(_ value: Any) -> [Any] {
        if let members = value as? [String: Any] {
            return members.keys.sorted().flatMap { name -> [Any] in
                var without = members
                without[name] = nil
                return [without]
                    + damaged(members[name] ?? NSNull()).map { changed in
                        var copy = members
                        copy[name] = changed
                        return copy
                    }
            }
        }
        if let elements = value as? [Any] {
            guard let last = elements.last else { return [[0], [[0]]] }
            var result: [Any] = [[Any](), Array(elements.dropLast()), elements + [last]]
            for place in Set([0, elements.count - 1]).sorted() {
                result += damaged(elements[place]).map { changed in
                    var copy = elements
                    copy[place] = changed
                    return copy
                }
            }
            return result
        }
        if value is String { return ["", "other", 1] }
        return [-1, 2, 1e300, Int.max, "1"]
    }

    /// The name of a kept value's file.
    private func file(_ name: String, in folder: TemporaryFolder) throws -> String {
        try #require(
            try folder.names.first { $0.wholeMatch(of: /(.+)-[0-9a-f]{16}\.json/)?.1 == name[...] })
    }

    /// Runs a diagnostic with each damaged copy of a file.
    ///
    /// - Parameter removing: a file that follows from it.
    /// - Returns: how many were refused, and how many were read.
    private func run(
        _ quick: QuickDiagnostic, _ name: String, removing other: String? = nil
    ) throws -> (refused: Int, read: Int) {
        let folder = try TemporaryFolder()
        let store = StageFolder(folder: folder.url)
        _ = try store.prepare()
        _ = try quick.report(store: store)
        let path = try file(name, in: folder)
        let otherPath = try other.map { try file($0, in: folder) }
        let bytes = Data(try folder.bytes(of: path))
        let sound = try JSONSerialization.jsonObject(with: bytes)
        let (subject, context) = try quick.subject()
        var (refused, read) = (0, 0)
        for value in damaged(sound) {
            try folder.file(path, bytes: JSONSerialization.data(withJSONObject: value))
            if let otherPath {
                try? FileManager.default.removeItem(atPath: "\(folder.path)/\(otherPath)")
            }
            let graph = StageGraph(store: store, remembering: DiagnosticMemory.stages)
            do {
                let report = try quick.diagnostic.report(subject, in: graph, context)
                for content in report.contents { #expect(!content.contains("nan")) }
                read += 1
            } catch let error as WarrantError {
                #expect(error.kind == .badData)
                #expect(error.description.contains("\(folder.path)/\(path)"))
                refused += 1
            }
        }
        return (refused, read)
    }

    @Test(arguments: QuickDiagnostic.all)
    func areRefusedWithTheirFile(_ quick: QuickDiagnostic) throws {
        let (refused, read) = try run(quick, quick.name)
        // A figure that is another, but one that it could be, is read.
        #expect(refused > 3 * read, "\(refused) refused, \(read) read")
    }

    @Test func soAreRunsThatFindingsFollowFrom() throws {
        for (name, run) in [("relevance", "relevance-run"), ("copying", "copying-run")] {
            let (refused, read) = try self.run(
                .named(name), run, removing: name)
            #expect(refused > read, "\(refused) refused, \(read) read")
        }
    }

    @Test func findingsOfOtherTextsAreRefused() throws {
        for quick in QuickDiagnostic.cheap {
            let folder = try TemporaryFolder()
            let store = StageFolder(folder: folder.url)
            _ = try store.prepare()
            var other = TinySubject()
            other.extras = [(1, "good"), (1, "film film film")]
            _ = try quick.report(other, store: store)
            let (wrong, _) = try quick.subject(other)
            let (own, _) = try quick.subject()
            let names = (quick.diagnostic.key(wrong).name, quick.diagnostic.key(own).name)
            try folder.file("\(names.1).json", bytes: folder.bytes(of: "\(names.0).json"))
            let error = #expect(throws: WarrantError.self) { try quick.report(store: store) }
            #expect(error?.description.contains("\(names.1).json") == true)
        }
    }
}
