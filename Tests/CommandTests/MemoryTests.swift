import Foundation
import TestSupport
import Testing

@Suite struct MemoryTests {
    // All chunks of the text go through a real encoder.
    @Test func aTextOf50000WordsIsClassifiedInLessThanAGigabyte() throws {
        let text = (0..<6_000).map { TinyModel.sentence($0) }.joined(separator: " ")
        let words = text.split(separator: " ").prefix(50_000)
        #expect(words.count == 50_000)

        let (answer, peak) = try answer(
            to: words.joined(separator: " ") + "\n",
            ["classify", "--model", Command.shippedModel, "--format", "text", "--threads", "2"])
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

    /// 33 million words of one letter: more than are read as one document.
    @Test func aRowOf66MegabytesIsRefusedInLessThanAGigabyte() throws {
        let word = Array("a ".utf8)
        var line = Array("{\"id\":\"long\",\"text\":\"".utf8)
        for _ in 0..<33_400_000 { line += word }
        line += Array("\"}\n{\"id\":\"short\",\"text\":\"a dull film\"}\n".utf8)
        let (answer, peak) = try answer(
            to: String(decoding: line, as: UTF8.self),
            ["extract", "--model", Command.shippedModel, "--keep-going"], status: 65)
        #expect(String(decoding: answer, as: UTF8.self).contains("\"id\":\"short\""))
        #expect(peak < 1_000_000_000, "\(peak / 1_000_000) MB at most at a time")
    }

    /// The first line that the command prints for an input, and the most memory that it had held when it
    /// was printed.
    private func answer(
        to input: String, _ arguments: [String], status: Int32 = 0
    ) throws -> (Data, peak: Int) {
        let folder = try TemporaryFolder()
        let process = try Command.process(
            arguments, errors: folder.url.appendingPathComponent("errors"))
        let (inputPipe, output) = (Pipe(), Pipe())
        process.standardInput = inputPipe
        process.standardOutput = output
        try process.run()
        try inputPipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
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
        try inputPipe.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == status, "\(said)")
        return (answer, peak)
    }
}
