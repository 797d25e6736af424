import Foundation
import TestSupport
import Testing

@Suite struct EnvironmentTests {
    @Test func oneDNNsVariablesAddNothingToTheOutputAndNoFiles() throws {
        let model = try TinyModel.shared.get().model
        let folder = try TemporaryFolder()
        let line = """
            cd "$1" && "$0" classify --model "$2" --certificates --threads 2 \
            "a dull film" "the actor was good and warm"
            """
        let plain = try Command.shell(line, [folder.path, model])
        try #require(plain.status == 0, "\(plain.errors)")
        for prefix in ["ONEDNN", "DNNL", "MKLDNN"] {
            let variables = ["VERBOSE=2", "JIT_DUMP=1", "JIT_PROFILE=15"]
                .map { "\(prefix)_\($0)" }.joined(separator: " ")
            let outcome = try Command.shell(
                "export ONEDNN_DEFAULT_FPMATH_MODE=ANY JITDUMPDIR=\"$1\" \(variables); \(line)",
                [folder.path, model])
            #expect(outcome.status == 0)
            #expect(outcome.output == plain.output, "\(prefix)")
            #expect(outcome.errors == plain.errors, "\(prefix)")
            let files = try folder.names
            #expect(files.isEmpty, "\(prefix): \(files)")
        }
    }
}
