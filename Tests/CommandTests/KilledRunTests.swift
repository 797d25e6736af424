import Foundation
import TestSupport
import Testing

@Suite("Runs that are killed")
struct KilledRunTests {
    let tiny: TinyModel

    init() throws { tiny = try TinyModel.shared.get() }

    /// Whether processes can be traced here: strace is there, and the system lets it.
    static let canTrace =
        (try? Command.shell("exec strace -o /dev/null true 2>/dev/null", []).status) == 0

    /// Runs `train --overwrite` and kills it as it enters a system call for the n-th time.
    private func kill(_ calls: String, at number: Int, arguments: [String]) throws -> Int32 {
        try Command.shell(
            "exec strace -f -o /dev/null -e trace=\(calls) "
                + "-e inject=\(calls):signal=KILL:when=\(number) \"$0\" \"$@\"", arguments
        ).status
    }

    @Test(.enabled(if: KilledRunTests.canTrace, "strace cannot be used here"))
    func aKillAtAnySystemCallOfAnOverwriteLeavesAWholeModel() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/m"
        try FileManager.default.copyItem(atPath: tiny.model, toPath: path)
        func overwrite(seed: Int) -> [String] {
            tiny.training(output: path) + ["--seed", "\(seed)", "--overwrite"]
        }
        func seed() throws -> String {
            let run = try Command.run(["classify", "--model", path, "a dull film"])
            #expect(run.status == 0, "\(run.errors)")
            let data = try #require(FileManager.default.contents(atPath: path + "/warrant.json"))
            let json = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            let training = try #require(json?["training"] as? [String: Any])
            return "\(training["seed"] ?? "")"
        }
        // In the midst of the removal of the old model, which the exchange comes before; as the new
        // model's files are synced; and as it enters the two calls that could put it in its place.
        let kills = [("unlinkat", 3), ("fsync", 5), ("renameat2", 1), ("renameat2", 2)]
        for (run, (calls, number)) in kills.enumerated() {
            let status = try kill(calls, at: number, arguments: overwrite(seed: 5 + run))
            #expect(status == 128 + SIGKILL, "\(calls) \(number) was not reached: \(status)")
            #expect(try seed() == "5", "\(calls) \(number)")
            #expect(try folder.names.count == 2, "each run removes what the one before has left")
        }
        let last = try Command.run(overwrite(seed: 9))
        #expect(try last.status == 0 && seed() == "9")
        #expect(last.errors.contains("warrant: removed \(folder.path)/.m.warrant-"))
        #expect(try folder.names == ["m"])
    }

    @Test func whatAKilledRunLeftIsFoundNamedAndRemoved() throws {
        let folder = try TemporaryFolder()
        let output = folder.path + "/out.jsonl"
        let input = try folder.file("in.txt", "a dull film\n")
        let stale = try folder.file(".out.jsonl.warrant-0123456789abcdef.partial", "half")
        // As an earlier version named them; a link that is planted there is not followed.
        let mine = try folder.file("mine", "mine")
        let classify = [
            "classify", "--model", tiny.model, "--input", input, "--format", "text", "--output",
            output,
        ]
        let run = try Command.shell(
            "ln -s \(mine) \(output).$$.partial; exec \"$0\" \"$@\"", classify)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("warrant: removed \(stale)"))
        #expect(run.errorLines.contains { $0.contains("\(output).") && $0.contains("kept") })
        #expect(try folder.bytes(of: "mine") == Array("mine".utf8))
        #expect(try folder.names.count == 4)
        #expect(try !folder.bytes(of: "out.jsonl").isEmpty)
    }

    @Test func aFinishedModelThatWasLeftIsNamedWithTheCommandThatGetsItBack() throws {
        let folder = try TemporaryFolder()
        let stale = folder.path + "/.m.warrant-0123456789abcdef.partial"
        try FileManager.default.copyItem(atPath: tiny.model, toPath: stale)
        let run = try Command.run(
            tiny.training(output: folder.path + "/m") + ["--train", folder.path + "/absent"])
        #expect(run.status == 66)
        #expect(run.errors.contains("mv \(stale) \(folder.path)/m\n"))
        #expect(FileManager.default.fileExists(atPath: stale + "/warrant.json"))
    }
}
