import Foundation
import TestSupport
import Testing
import Warrant

@Suite struct BenchTests {
    private let tiny: TinyModel
    private let folder: TemporaryFolder

    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
    }

    private func bench(_ arguments: [String]) throws -> Command.Outcome {
        try Command.run(["bench", "--encoder", tiny.encoder, "--repetitions", "2"] + arguments)
    }

    /// Checks what every case has.
    private func check(_ figures: [String: Any], documents: Int, tokens: Int) throws {
        #expect(figures["documents"] as? Int == documents)
        #expect(figures["tokens"] as? Int == tokens)
        let seconds = try #require(figures["seconds"] as? [Double])
        #expect(seconds.count == 2 && seconds.allSatisfy { $0 > 0 })
        #expect(try #require(figures["tokens_per_second"] as? Double) > 0)
        let workload = try #require(figures["workload"] as? String)
        var keys: Set = [
            "workload", "precision", "threads", "documents", "tokens", "seconds",
            "tokens_per_second",
        ]
        if workload == "tokenize" {
            #expect(figures["precision"] is NSNull)
        } else {
            keys.formUnion(["gflops", "shares"])
            #expect(figures["precision"] as? String == "fp32")
            let shares = try #require(figures["shares"] as? [String: Double])
            #expect(
                Set(shares.keys) == ["products", "attention", "elementwise", "optimizer", "rest"])
            #expect(shares.values.allSatisfy { (0...1).contains($0) }, "\(shares)")
            // Five terms, each rounded.
            #expect(abs(shares.values.reduce(0, +) - 1) < 1e-9, "\(shares)")
        }
        if workload == "latency" {
            keys.insert("milliseconds_per_document")
            #expect(try #require(figures["milliseconds_per_document"] as? Double) > 0)
        }
        #expect(Set(figures.keys) == keys)
    }

    private func cases(_ run: Command.Outcome) throws -> [String] {
        try run.objects().map {
            "\($0["workload"] ?? "") \($0["precision"] as? String ?? "-") \($0["threads"] ?? "")"
        }
    }

    @Test func measuresEveryWorkloadOnTexts() throws {
        let run = try bench([
            "--input", tiny.train, "--input", tiny.dev, "--limit", "10", "--precision", "fp32",
            "--threads", "1", "--threads", "2", "--threads", "1", "--json", "--batch-size", "4",
        ])
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            try cases(run) == [
                "tokenize - 1", "tokenize - 2", "encode fp32 1", "encode fp32 2",
                "latency fp32 1", "latency fp32 2", "train fp32 1", "train fp32 2",
            ])
        // Every word of these sentences is one piece, and two special tokens stand around them.
        let words = (0..<10).reduce(0) {
            $0 + TinyModel.sentence($1).split(separator: " ").count + 2
        }
        for figures in try run.objects() {
            try check(figures, documents: 20, tokens: 2 * words)
        }
        #expect(run.errorLines.first == "1/8 tokenize 1 thread")
        #expect(run.errorLines.last == "8/8 train fp32 2 threads")
        #expect(!run.errors.contains("\r") && !run.errors.contains("\u{1B}"))
    }

    @Test func measuresSyntheticDocumentsByDefault() throws {
        let run = try bench([
            "--tokens", "16", "--documents", "5", "--json", "--precision", "fp32",
        ])
        #expect(run.status == 0, "\(run.errors)")
        let measured = try cases(run)
        #expect(measured.first == "encode fp32 1", "without texts there is nothing to tokenize")
        #expect(measured.filter { $0.hasPrefix("latency") } == ["latency fp32 1"])
        #expect(measured.contains("train fp32 1"))
        for figures in try run.objects() { try check(figures, documents: 5, tokens: 80) }
    }

    @Test func printsATableForPeople() throws {
        let run = try bench(["--workload", "encode", "--tokens", "16", "--threads", "1"])
        #expect(run.status == 0, "\(run.errors)")
        let lines = run.lines
        #expect(lines.first?.hasPrefix(Engine.description + "; ") == true)
        #expect(lines.first?.contains(" core") == true)
        #expect(
            lines[1].hasPrefix("encoder: 2 layers, 32 wide; 32 documents of 512 tokens in all"))
        let head = lines[2].split(separator: " ").map(String.init)
        #expect(
            head == [
                "workload", "precision", "threads", "tokens/s", "GFLOP/s", "ms/document",
                "products", "attention", "element-wise", "optimizer", "rest",
            ])
        #expect(lines[3].hasPrefix("encode"))
        #expect(lines[3].hasSuffix(" %"))
    }

    @Test func randomWeightsNeedNoFolder() throws {
        let run = try Command.run([
            "bench", "--shape", "minilm", "--tokens", "4", "--documents", "1", "--workload",
            "encode", "--threads", "1", "--precision", "auto", "--repetitions", "1",
        ])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("minilm with random weights: 6 layers, 384 wide"))
    }

    @Test func bf16IsMeasuredWhereTheProcessorHasIt() throws {
        let run = try bench([
            "--tokens", "8", "--documents", "2", "--workload", "encode", "--threads", "1",
            "--precision", "bf16", "--precision", "fp32", "--json",
        ])
        #expect(run.status == 0, "\(run.errors)")
        let isSaid = run.errorLines.contains { $0.contains("computing in fp32") }
        if Precision.hasFastBF16 {
            #expect(try cases(run) == ["encode bf16 1", "encode fp32 1"])
            #expect(!isSaid)
        } else {
            #expect(try cases(run) == ["encode fp32 1"], "once")
            #expect(isSaid)
        }
    }

    @Test func saysWhatIsLeftOutAndWhatIsCut() throws {
        let long = Array(repeating: "film", count: 100).joined(separator: " ")
        let texts = try folder.file("texts.txt", "a film\n \n\(long)\n")
        let run = try bench([
            "--input", texts, "--workload", "train", "--workload", "latency", "--threads", "1",
            "--precision", "fp32", "--max-length", "20", "--json",
        ])
        #expect(run.status == 0, "\(run.errors)")
        for figures in try run.objects() { try check(figures, documents: 2, tokens: 4 + 20) }
        #expect(try cases(run) == ["train fp32 1", "latency fp32 1"], "in the order given")
        #expect(
            Array(run.errorLines.prefix(2)) == [
                "warrant: 1 of 3 rows have no word that can be read: left out",
                "warrant: 1 of 2 documents are longer than 20 tokens: only their beginning is read",
            ])
    }

    @Test func argumentsThatDoNotFitAreRefused() throws {
        let cases: [([String], String)] = [
            (["--workload", "tokenize"], "--workload tokenize needs texts"),
            (["--workload", "sleep"], "--workload"), (["--precision", "fp64"], "--precision"),
            (["--threads", "0"], "--threads is 0"),
            (["--repetitions", "0"], "--repetitions is 0"),
            (["--batch-size", "0"], "--batch-size is 0"),
            (["--tokens", "2"], "--tokens is 2"), (["--tokens", "65"], "at most 64"),
            (["--documents", "0"], "--documents is 0"),
            (["--max-length", "65"], "at most 64"), (["--max-length", "4"], "--max-length is 4"),
            (["--limit", "3"], "--limit counts rows of --input"),
            (["--input", tiny.dev, "--limit", "0"], "--limit is 0"),
            (["--input", tiny.dev, "--tokens", "8"], "synthetic"),
            (["--input", tiny.dev, "--documents", "8"], "synthetic"),
            (["--shape", "minilm"], "--shape"),
        ]
        for (arguments, said) in cases {
            let run = try bench(arguments)
            #expect(run.status == 64, "\(arguments): \(run.errors)")
            #expect(run.output.isEmpty)
            #expect(run.errorLines.count == 1 && run.errors.contains(said), "\(run.errors)")
            #expect(run.errors.contains("see warrant bench --help"), "\(run.errors)")
        }
        let run = try Command.run(["bench", "--input", tiny.dev])
        #expect(run.status == 64 && run.errors.contains("give --encoder"), "\(run.errors)")
    }

    @Test func missingAndEmptyInputsAreNamed() throws {
        let missing = try bench(["--input", folder.path + "/no.tsv"])
        #expect(missing.status == 66 && missing.errors.contains("no.tsv: no such file"))
        let empty = try bench(["--input", try folder.file("empty.txt", " \n\t\n")])
        #expect(empty.status == 65)
        #expect(empty.errors.contains("empty.txt:1: no row has a text with words"))
        let encoder = try Command.run(["bench", "--encoder", folder.path])
        #expect(encoder.status == 66 && encoder.errors.contains("config.json: not found"))
    }

    @Test func helpTeaches() throws {
        let run = try Command.run(["bench", "--help"])
        #expect(run.status == 0 && run.output.contains("EXAMPLES\n  warrant bench\n"))
    }
}
