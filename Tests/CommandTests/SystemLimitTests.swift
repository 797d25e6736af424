import Foundation
import TestSupport
import Testing

/// What is said where the system, or an option, gives too little.
@Suite struct SystemLimitTests {
    private let tiny: TinyModel
    init() throws { tiny = try TinyModel.shared.get() }

    @Test(arguments: ["ulimit -n 4", "ulimit -n 12", "ulimit -v 150000"])
    func tooFewHandlesOrTooLittleMemoryEndInALine(limit: String) throws {
        for threads in ["1", "2"] {
            let outcome = try Command.shell(
                "\(limit); exec \"$0\" classify --model \"$1\" --threads \(threads) 'a dull film'",
                [tiny.model])
            #expect(outcome.status == 71, "\(outcome)")
            #expect(outcome.output.isEmpty)
            #expect(outcome.errorLines.count == 1)
            #expect(outcome.errors.contains("ulimit"), "\(outcome.errors)")
        }
    }

    @Test func moreThreadsThanAreOfUseAreCapped() throws {
        let (plain, many) = (
            try Command.run(["classify", "--model", tiny.model, "a dull film"]),
            try Command.run(["classify", "--model", tiny.model, "--threads", "1000", "a dull film"])
        )
        #expect(many.status == 0 && many.output == plain.output)
        #expect(many.errorLines.count == 1 && many.errors.contains("--threads is 1000"), "\(many)")
    }

    @Test func aPassThatDoesNotFitIsRefusedBeforeItIsMade() throws {
        let folder = try TemporaryFolder()
        let encoder = folder.path + "/encoder"
        try TinyModel.writeEncoder(.bert, to: encoder, width: 2, tokens: 300_000)
        let text = Array(repeating: "a dull film", count: 8_000).joined(separator: " ")
        let input = try folder.file("in.txt", "a warm film\n\(text)\nthe plot\n")
        for scorer in ["attention-rollout", "gradient", "attention-flow", "lime", "cls-attention"] {
            let model = folder.path + "/\(scorer)"
            let training = try Command.run(
                tiny.training(output: model, encoder: encoder) + [
                    "--scorer", scorer, "--maximum-length", "300000",
                ])
            try #require(training.status == 0, "\(training.errors)")
            let outcome = try Command.run([
                "extract", "--model", model, "--format", "text", "--input", input,
                "--memory-limit", "500M",
            ])
            if scorer == "cls-attention" {
                // Attention of the last layer's first row is read in blocks.
                #expect(outcome.status == 0 && outcome.lines.count == 3, "\(outcome.errors)")
                continue
            }
            #expect(outcome.status == 65, "\(scorer): \(outcome.errors)")
            #expect(outcome.errorLines.count == 1)
            for word in ["in.txt:2", scorer, "--memory-limit", "0.52 GB", "tokens"] {
                #expect(outcome.errors.contains(word), "\(outcome.errors)")
            }
            guard scorer == "gradient" else { continue }
            // A pass takes what was estimated: about 1.2 GB for 8,000 tokens.
            let shorter = try folder.file(
                "shorter.txt",
                Array(repeating: "a dull film", count: 2_666).joined(separator: " ") + "\n")
            let run = try Command.shell(
                "ulimit -v 4000000; exec \"$0\" extract --model \"$1\" --format text --threads 1 "
                    + "--input \"$2\"", [model, shorter])
            #expect(run.status == 0 && run.lines.count == 1, "\(run.errors)")
        }
    }

    @Test func aTextThatCannotBeLearnedFromIsRefused() throws {
        let folder = try TemporaryFolder()
        let encoder = folder.path + "/encoder"
        try TinyModel.writeEncoder(.bert, to: encoder, width: 2, tokens: 300_000)
        let text = Array(repeating: "a dull film", count: 90_000).joined(separator: " ")
        let rows = TinyModel.rows(20) + "\(text)\tnegative\n"
        let train = try folder.file("train.tsv", rows)
        let outcome = try Command.run([
            "train", "--encoder", encoder, "--train", train, "--dev", tiny.dev, "--output",
            folder.path + "/model", "--maximum-length", "300000",
        ])
        // Attention of 270,000 tokens to each other: 580 GB for two heads.
        #expect(outcome.status == 65, "\(outcome.errors)")
        #expect(outcome.errors.contains("train.tsv:22") && outcome.errors.contains("tokens"))
    }

    @Test func aTextWithMoreWordsThanFitIsRefused() throws {
        let folder = try TemporaryFolder()
        let text = String(repeating: "a ", count: 40_000)
        let input = try folder.file("in.txt", "a warm film\n\(text)\n")
        let outcome = try Command.run([
            "extract", "--model", tiny.model, "--format", "text", "--input", input,
            "--memory-limit", "4M",
        ])
        #expect(outcome.status == 65 && outcome.lines.count == 1, "\(outcome)")
        for word in ["in.txt:2", "40000 words", "--memory-limit"] {
            #expect(outcome.errors.contains(word), "\(outcome.errors)")
        }
    }

    @Test func sizesThatAreNoneAreWrongUsage() throws {
        for size in ["", "0", "x", "-1G", "1e3", "5X", "G", "1.2.3M"] {
            let outcome = try Command.run([
                "classify", "--model", tiny.model, "--memory-limit=\(size)", "a film",
            ])
            #expect(outcome.status == 64, "\(size): \(outcome)")
            #expect(outcome.errors.contains("--memory-limit"), "\(outcome.errors)")
        }
        for size in ["900M", "1g", "0.5G", "800000000", "1T"] {
            let outcome = try Command.run([
                "classify", "--model", tiny.model, "--memory-limit", size, "a film",
            ])
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(size): \(outcome)")
        }
    }
}
