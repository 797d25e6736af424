import Foundation
import TestSupport
import Testing
import Warrant

@Suite("Precision on the command line")
struct PrecisionTests {
    /// oneDNN's switch has had two names.
    private static let withoutBF16 =
        "ONEDNN_MAX_CPU_ISA=AVX512_CORE DNNL_MAX_CPU_ISA=AVX512_CORE \"$0\" "
    private static let notice =
        "warrant: this CPU (or this oneDNN) has no bf16 instructions: computing in fp32\n"

    let tiny: TinyModel
    init() throws { tiny = try TinyModel.shared.get() }

    private func precision(_ outcome: Command.Outcome) throws -> String? {
        let line = try #require(try outcome.objects().first)
        return (line["certificate"] as? [String: Any])?["precision"] as? String
    }

    @Test func certificatesNameThePrecision() throws {
        let arguments = ["classify", "--model", tiny.model, "a dull film", "--certificates"]
        let fp32 = try Command.run(arguments + ["--precision", "fp32"])
        #expect(try precision(fp32) == "fp32")
        #expect(fp32.errors.isEmpty)
        let bf16 = try Command.run(arguments + ["--precision", "bf16"])
        #expect(try precision(bf16) == (Precision.hasFastBF16 ? "bf16" : "fp32"))
        #expect(bf16.errors == (Precision.hasFastBF16 ? "" : Self.notice))
    }

    @Test func aCPUWithoutBF16ComputesInFP32AndSaysSoInOneLine() throws {
        let run = try Command.shell(
            Self.withoutBF16 + "\"$@\"",
            [
                "classify", "--model", tiny.model, "a dull film", "--certificates",
                "--precision", "bf16",
            ])
        #expect(run.status == 0)
        #expect(run.errors == Self.notice)
        #expect(try precision(run) == "fp32")
    }

    @Test func verifyMakesAPredictionAgainInItsPrecision() throws {
        let folder = try TemporaryFolder()
        for precision in ["fp32", "bf16"] {
            let run = try Command.run([
                "classify", "--model", tiny.model, "a dull film", "a warm story",
                "--certificates", "--precision", precision,
            ])
            let file = try folder.file(precision, run.output)
            let here = try Command.run(["verify", "--model", tiny.model, "--input", file])
            #expect(here.status == 0 && here.errors.hasPrefix("warrant: 2 certificates hold\n"))
            // A CPU without bf16 compares within a tolerance, and counts such certificates apart.
            let elsewhere = try Command.shell(
                Self.withoutBF16 + "\"$@\"",
                ["verify", "--model", tiny.model, "--input", file])
            #expect(elsewhere.status == 0, "\(elsewhere.errors)")
        }
    }

    @Test func anUnknownPrecisionIsRefused() throws {
        for arguments in [
            ["classify", "--model", tiny.model, "a", "--precision", "int8"],
            tiny.training(output: "/nowhere/model") + ["--precision", "auto"],
        ] {
            let run = try Command.run(arguments)
            #expect(run.status == 64)
            #expect(run.errors.contains("'--precision"), "\(run.errors)")
        }
    }
}
