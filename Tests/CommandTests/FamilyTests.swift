import Foundation
import TestSupport
import Testing
import Warrant

@Suite("RoBERTa and DistilBERT on the command line")
struct FamilyTests {
    @Test(
        "are trained, classify and verify",
        arguments: [EncoderFamily.roberta, .distilbert], ["saliency", "tagger"])
    func fromEndToEnd(_ family: EncoderFamily, _ extractor: String) throws {
        let tiny = try TinyModel.shared.get()
        let folder = try TemporaryFolder()
        let (encoder, model) = (folder.path + "/encoder", folder.path + "/model")
        try TinyModel.writeEncoder(family, to: encoder)
        let trained = try Command.run(
            tiny.training(output: model, encoder: encoder) + ["--extractor", extractor])
        try #require(trained.status == 0, "\(trained.errors)")
        for stage in ["support", "classifier"] + (extractor == "tagger" ? ["extractor"] : []) {
            let place = URL(fileURLWithPath: "\(model)/\(stage)")
            #expect(try EncoderConfiguration(folder: place).family == family, "\(stage)")
            let isByteLevel = try openTokenizer(folder: place) is ByteLevelBPETokenizer
            #expect(isByteLevel == (family == .roberta), "\(stage)")
        }

        let classify = ["classify", "--model", model, "--certificates"]
        let answers = try Command.run(classify + ["--input", tiny.dev])
        #expect(answers.status == 0, "\(answers.errors)")
        let lines = try answers.objects()
        #expect(lines.count == 12)
        #expect(lines.allSatisfy { ($0["classifier_input"] as? String)?.isEmpty == false })
        let positive = lines.compactMap {
            ($0["probabilities"] as? [String: Double])?["positive"]
        }
        #expect(Set(positive).count > 3, "what is predicted depends on the words: \(positive)")
        let alone = try Command.run(classify + ["--threads", "1", TinyModel.sentence(0)])
        #expect(alone.lines.first == answers.lines.first, "alone as among others")

        let verify = ["verify", "--model", model]
        let verified = try Command.run(verify + ["--source", tiny.dev], input: answers.output)
        #expect(verified.status == 0, "\(verified.output)")
        #expect(verified.errors.hasPrefix("warrant: 12 certificates hold\n"))
        let altered = answers.output.replacing(#""words":[""#, with: #""words":["un"#)
        let failed = try Command.run(verify, input: altered)
        #expect(failed.status == 1)
        #expect(failed.lines.count == 12 && failed.lines.allSatisfy { $0.contains("logits: ") })
    }
}
