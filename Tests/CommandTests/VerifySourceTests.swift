import Foundation
import TestSupport
import Testing

// Lines are held against the texts that they are of.
extension VerifyTests {
    @Test func aRowOfTheSourceWithoutALineFails() throws {
        let kept = Array(certified.split(separator: "\n").dropLast(3))
        for lines in [kept, kept.reversed()] {
            let run = try verify(lines.joined(separator: "\n") + "\n", ["--source", source])
            #expect(run.status == 1)
            #expect(run.errors.contains("3 rows of \(source) have no line"), "\(run.errors)")
        }
    }

    /// With ids that several rows have, nobody can tell which answer is whose.
    @Test func rowsThatShareAnIdFail() throws {
        let rows = (0..<6).map {
            "{\"id\":\"t\($0 % 5)\",\"text\":\"\(TinyModel.sentence($0))\"}\n"
        }
        let shared = try folder.file("shared.jsonl", rows.joined())
        let run = try Command.run([
            "classify", "--model", tiny.model, "--input", shared, "--certificates",
        ])
        for lines in [run.lines, run.lines.reversed(), run.lines.dropLast()] {
            let verified = try verify(lines.joined(separator: "\n"), ["--source", shared])
            #expect(verified.status == 1, "\(verified.output)\(verified.errors)")
            #expect(verified.errors.contains("several rows have the id \"t0\""))
        }
    }

    // The second row has no id, so its number is its id: that of the first.
    @Test func aRowWhoseNumberIsAnothersIdFails() throws {
        let rows = ["{\"id\":\"2\",", "{"].enumerated().map { row, start in
            start + "\"text\":\"\(TinyModel.sentence(row))\"}\n"
        }
        let shared = try folder.file("shared.jsonl", rows.joined())
        let run = try Command.run([
            "classify", "--model", tiny.model, "--input", shared, "--certificates",
        ])
        #expect(try run.objects().map { $0["id"] as? String } == ["2", "2"])
        let verified = try verify(run.output, ["--source", shared])
        #expect(verified.status == 1 && verified.errors.contains("several rows have the id \"2\""))
    }

    @Test func aSelectionIsMadeAgainInAnyOrder() throws {
        let lines = certified.split(separator: "\n").map(String.init)
        for order in [lines, lines.reversed()] {
            let run = try verify(
                order.joined(separator: "\n"), ["--source", source, "--selection"])
            #expect(run.status == 0, "\(run.output)\(run.errors)")
        }
        let usage = try verify(certified, ["--selection"])
        #expect(usage.status == 64 && usage.errors.contains("--source"))
    }

    @Test func aSourceFromAPipeIsTakenInOrderOnly() throws {
        let lines = certified.split(separator: "\n")
        let inOrder = try folder.file("in-order.jsonl", lines.joined(separator: "\n"))
        let turned = try folder.file("turned.jsonl", lines.reversed().joined(separator: "\n"))
        func run(_ lines: String) throws -> Command.Outcome {
            try Command.shell(
                "cat \"$3\" | \"$0\" verify --model \"$1\" --input \"$2\" --source /dev/stdin "
                    + "--format jsonl", [tiny.model, lines, source])
        }
        #expect(try run(inOrder).status == 0)
        // The last row comes first: the others are still to come, and held.
        #expect(try run(turned).status == 0)
        let again = try folder.file(
            "again.jsonl", (lines[..<3] + lines[1...]).joined(separator: "\n"))
        let failed = try run(again)
        #expect(failed.status == 1 && failed.lines.count == 2, "\(failed.output)")
    }

    @Test func aSnippetThatDoesNotStandInItsTextFails() throws {
        var lines = certified.split(separator: "\n").map(String.init)
        var line = try Line(lines[4])
        var rationale = line.object["rationale"] as? [[String: Any]] ?? []
        let last = rationale.count - 1
        for key in ["start", "end"] {
            rationale[last][key] = (rationale[last][key] as? Int ?? 0) + 1
        }
        line.object["rationale"] = rationale
        lines[4] = try line.text()
        let run = try verify(
            lines.joined(separator: "\n") + "\n", ["--source", source, "--json"])
        #expect(run.status == 1)
        let failure = try #require(try run.objects().first)
        #expect(failure["id"] as? String == "t4" && failure["line"] as? Int == 5)
        #expect((failure["differences"] as? [String])?.first?.contains("does not stand") == true)
    }

    /// Places in characters or UTF-16 units are compared with the text, and only with it.
    @Test(arguments: ["characters", "utf16"])
    func placesInOtherUnitsAreVerifiedWithTheSource(_ unit: String) throws {
        let text = try folder.file(
            "emoji.jsonl",
            "{\"text\":\"caf\u{E9} \u{1F600} was a dull film and the plot was slow\"}\n")
        let run = try Command.run([
            "classify", "--model", tiny.model, "--input", text, "--certificates", "--offsets", unit,
        ])
        let alone = try verify(run.output)
        #expect(alone.status == 0 && alone.errors.contains("not verified: \"rationale.\(unit)\""))
        let sound = try verify(run.output, ["--source", text])
        #expect(sound.status == 0 && !sound.errors.contains("not verified"), "\(sound.errors)")
        var line = try Line(run.output)
        var rationale = line.object["rationale"] as? [[String: Any]] ?? []
        rationale[0][unit] = (rationale[0][unit] as? [Int] ?? []).map { $0 + 1 }
        line.object["rationale"] = rationale
        let altered = try verify(try line.text(), ["--source", text])
        #expect(altered.status == 1 && altered.output.contains("does not stand"))
    }

    @Test func anotherSourceFails() throws {
        let rows = (0..<19).map {
            "{\"id\":\"t\($0)\",\"text\":\"\(TinyModel.sentence($0 == 7 ? 8 : $0))\"}\n"
        }
        let other = try folder.file("other.jsonl", rows.joined())
        let run = try verify(certified, ["--source", other])
        #expect(run.status == 1)
        #expect(run.lines.count == 2)
        #expect(run.lines[0].hasPrefix("t7: rationale: "))
        #expect(run.lines[1].hasPrefix("t19: source: "))
    }
}
