import Encoders
import Files
import Foundation
import TestSupport
import Testing
import Warrant

@Suite struct TrimTests {
    private let tiny: TinyModel
    private let folder: TemporaryFolder

    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
    }

    private func trim(_ name: String, _ arguments: [String]) throws -> Command.Outcome {
        try Command.run(
            [
                "trim", "--encoder", tiny.encoder, "--text", tiny.train, "--output",
                folder.path + "/" + name,
            ]
                + arguments)
    }

    @Test func aTrimmedEncoderCanBeTrained() throws {
        let run = try trim(
            "small", ["--layers", "1", "--maximum-length", "32", "--weights", "bf16"])
        #expect(run.status == 0, "\(run.errors)")
        let small = URL(fileURLWithPath: folder.path + "/small")
        let file = try ModelConfiguration(FolderFiles(small.path))
        let configuration = file.encoder
        #expect(configuration.layers == 1 && configuration.maximumLength == 32)
        #expect(file.labels.isEmpty, "an encoder has no labels")
        let tokenizer = try WordPieceTokenizer(folder: small)
        #expect(tokenizer.vocabularySize == configuration.vocabularySize)
        let text = "a zebra was slow"
        let whole = try WordPieceTokenizer(folder: URL(fileURLWithPath: tiny.encoder))
        func pieces(_ tokenizer: WordPieceTokenizer) -> [String?] {
            tokenizer.tokenize(text, maximumLength: 32).ids.map { tokenizer.token(for: $0) }
        }
        #expect(
            pieces(tokenizer) == pieces(whole), "pieces that the texts use stay, and characters")
        let trained = try Command.run([
            "train", "--encoder", small.path, "--train", tiny.train, "--dev", tiny.dev, "--output",
            folder.path + "/model", "--epochs", "1",
        ])
        #expect(trained.status == 0, "\(trained.errors)")
    }

    @Test(arguments: ["distilbert", "roberta"])
    func onlyBERTEncodersAreTrimmed(family: String) throws {
        let encoder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("EncodersTests/\(family)")
        let run = try Command.run([
            "trim", "--encoder", encoder.path, "--text", tiny.train, "--layers", "0",
            "--maximum-length", "16", "--output", folder.path + "/none",
        ])
        #expect(run.status == 65)
        #expect(run.errorLines.count == 1 && run.errors.contains("only BERT"), "\(run.errors)")
        #expect(try folder.names.isEmpty, "nothing is left behind")
    }

    // Ids in the settings would be those of the larger vocabulary.
    @Test func aTokenizerThatCannotBeCarriedOverIsRefused() throws {
        for name in ["config.json", "model.safetensors", "vocab.txt"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(tiny.encoder)/\(name)"))
            try folder.file("encoder/\(name)", bytes: bytes)
        }
        let vocabulary = try String(decoding: folder.bytes(of: "encoder/vocab.txt"), as: UTF8.self)
        let pieces = vocabulary.split(separator: "\n")
        // The last special token moves once pieces before it are left out.
        try folder.file(
            "encoder/vocab.txt", (pieces.dropFirst(5) + pieces.prefix(5)).joined(separator: "\n"))
        try folder.file(
            "encoder/tokenizer_config.json",
            #"{"added_tokens_decoder": {"\#(pieces.count - 1)": {"content": "[MASK]"}}}"#)
        let run = try Command.run([
            "trim", "--encoder", folder.path + "/encoder", "--text", tiny.train, "--layers", "0",
            "--vocabulary-size", "\(pieces.count - 4)", "--output", folder.path + "/none",
        ])
        #expect(run.status == 65, "\(run.errors)")
        #expect(
            run.errorLines.count == 1
                && run.errors.contains(
                    "its tokenizer cannot be carried over to a smaller vocabulary")
        )
        #expect(try folder.names == ["encoder"], "nothing is left behind")
    }

    // The texts have nothing that a cased tokenizer reads otherwise, so their pieces do not tell.
    @Test func settingsThatStandInTokenizerJSONAloneAreNotLost() throws {
        for name in ["config.json", "model.safetensors"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(tiny.encoder)/\(name)"))
            try folder.file("encoder/\(name)", bytes: bytes)
        }
        let vocabulary = try String(
            contentsOf: URL(fileURLWithPath: "\(tiny.encoder)/vocab.txt"), encoding: .utf8)
        let pieces = vocabulary.split(separator: "\n").map(String.init)
        let members = pieces.enumerated().map { #""\#($1)": \#($0)"# }
        let ends = ["sep": "[SEP]", "cls": "[CLS]"].map { role, token in
            #""\#(role)": ["\#(token)", \#(pieces.firstIndex(of: token) ?? -1)]"#
        }
        try folder.file(
            "encoder/tokenizer.json",
            """
            {"normalizer": {"type": "BertNormalizer", "lowercase": false},
             "pre_tokenizer": {"type": "BertPreTokenizer"},
             "post_processor": {"type": "BertProcessing", \(ends.joined(separator: ", "))},
             "model": {"type": "WordPiece", "vocab": {\(members.joined(separator: ", "))}}}
            """)
        func trim(_ output: String) throws -> Command.Outcome {
            try Command.run([
                "trim", "--encoder", folder.path + "/encoder", "--text", tiny.train, "--layers",
                "0", "--output", "\(folder.path)/\(output)",
            ])
        }
        let run = try trim("none")
        #expect(run.status == 65 && run.errorLines.count == 1, "\(run.errors)")
        #expect(run.errors.contains("normalised otherwise"), "\(run.errors)")
        #expect(try folder.names == ["encoder"], "nothing is left behind")
        try folder.file("encoder/tokenizer_config.json", #"{"do_lower_case": false}"#)
        #expect(try trim("small").status == 0)
    }

    @Test func aVocabularyThatTheEncoderHasNoRowsForIsRefused() throws {
        for name in ["config.json", "model.safetensors", "vocab.txt"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(tiny.encoder)/\(name)"))
            try folder.file("encoder/\(name)", bytes: bytes)
        }
        let vocabulary = try folder.bytes(of: "encoder/vocab.txt")
        try folder.file("encoder/vocab.txt", bytes: vocabulary + Array("lifeless-ness\n".utf8))
        let run = try Command.run([
            "trim", "--encoder", folder.path + "/encoder", "--text", tiny.train, "--layers", "0",
            "--output", folder.path + "/none",
        ])
        #expect(run.status == 65 && run.errorLines.count == 1, "\(run.errors)")
        #expect(try folder.names == ["encoder"], "nothing is left behind")
    }

    @Test func aPlanThatDoesNotFitTheEncoderIsRefused() throws {
        let plans: [([String], Int32, String)] = [
            (["--layers", "2"], 64, "has the layers 0 to 1"),
            (["--layers", "one"], 64, "--layers"),
            (["--layers", "0", "--vocabulary-size", "10"], 64, "special tokens"),
            (["--layers", "0", "--maximum-length", "65"], 64, "64 positions"),
        ]
        for (arguments, status, said) in plans {
            let run = try trim("none", arguments)
            #expect(run.status == status, "\(arguments)")
            #expect(run.errorLines.count == 1 && run.errors.contains(said), "\(run.errors)")
            #expect(try folder.names.isEmpty, "nothing is left behind")
        }
    }
}
