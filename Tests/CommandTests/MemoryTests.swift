import Foundation
import TestSupport
import Testing

@Suite struct MemoryTests {
    // All windows of the text go through a real encoder.
    @Test func aTextOf50000WordsIsClassifiedInLessThanAGigabyte() throws {
        let text = (0..<6_000).map { TinyModel.sentence($0) }.joined(separator: " ")
        let words = text.split(separator: " ").prefix(50_000)
        #expect(words.count == 50_000)

        let folder = try TemporaryFolder()
        let process = try Command.process(
            ["classify", "--model", Command.shippedModel, "--format", "text", "--threads", "2"],
            errors: folder.url.appendingPathComponent("errors"))
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = words.joined(separator: " ") + "\n"
        try input.fileHandleForWriting.write(contentsOf: Data(line.utf8))
        var answer = Data()
        while answer.last != UInt8(ascii: "\n") {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            answer.append(more)
        }
        let said = String(decoding: try folder.bytes(of: "errors"), as: UTF8.self)
        try #require(answer.last == UInt8(ascii: "\n"), "no answer: \(said)")
        // It has answered, and waits for the next text.
        let peak = try Command.peakMemory(of: process)
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)

        let object = try #require(
            try JSONSerialization.jsonObject(with: answer) as? [String: Any])
        let rationale = try #require(object["rationale"] as? [[String: Any]])
        let selected = rationale.compactMap { $0["words"] as? [Int] }
        #expect(
            selected.reduce(0) { $0 + $1[1] - $1[0] } == 10_000,
            "a fifth of all words: the text was read to its end")
        // The model alone takes more than the lower bound.
        #expect(
            peak > 10_000_000 && peak < 1_000_000_000, "\(peak / 1_000_000) MB at most at a time")
    }
}
