import Foundation
import TestSupport
import Testing
import Tokenization

/// The pieces of byte-level BPE are those of Hugging Face `tokenizers`, id by id and byte by byte.
@Suite struct RecordedByteLevelTests {
    private let recording: ByteLevelRecording

    init() throws { recording = try ByteLevelRecording.load() }

    private func tokenizer(
        _ setting: ByteLevelRecording.Setting, asPairs: Bool = true
    ) throws -> any Tokenizer {
        try withFolder(ByteLevelRecording.files(setting.tokenizer, asPairs: asPairs)) {
            try openTokenizer(folder: $0)
        }
    }

    private func expect(
        _ document: TokenizedDocument, equals ids: [Int32], _ offsets: [Int], _ text: String
    ) {
        #expect(document.ids == ids, "\(text)")
        #expect(document.offsets.flatMap { [$0.lowerBound, $0.upperBound] } == offsets, "\(text)")
    }

    @Test(arguments: [false, true])
    func everySettingGivesTheReferencesPieces(mergesAsPairs: Bool) throws {
        #expect(recording.settings.count == 9)
        for setting in recording.settings {
            let tokenizer = try tokenizer(setting, asPairs: mergesAsPairs)
            #expect(tokenizer is ByteLevelBPETokenizer)
            let recorded = try #require(setting.digests["texts"])
            #expect(
                try Recording.Digest(of: recording.texts, tokenizer) == recorded,
                "\(setting.name)")
            #expect(setting.pairs.count == 4)
            for pair in setting.pairs {
                let document = try tokenizer.tokenize(
                    pair.document, query: pair.query, maximumLength: pair.maximumLength)
                expect(
                    document, equals: pair.ids, pair.offsets, setting.name + ": " + pair.document)
                #expect(document.segmentIDs == pair.segmentIDs, "\(setting.name)")
            }
        }
    }

    @Test func addedTokensAreFoundInTheText() throws {
        let setting = try #require(recording.settings.first { $0.name == "added tokens" })
        let tokenizer = try tokenizer(setting)
        #expect(recording.tokens.count == recording.texts.count)
        for (text, encoding) in zip(recording.texts, recording.tokens) {
            let document = try tokenizer.tokenize(text, maximumLength: 100_000)
            expect(document, equals: encoding.ids, encoding.offsets, text)
        }
    }

    @Test func vocabularyAndMergesAloneAreReadAsRoBERTas() throws {
        let tokenizer = try withFolder(ByteLevelRecording.plainFiles()) {
            try openTokenizer(folder: $0)
        }
        #expect(recording.default.count == recording.texts.count)
        for (text, encoding) in zip(recording.texts, recording.default) {
            let document = try tokenizer.tokenize(text, maximumLength: 100_000)
            expect(document, equals: encoding.ids, encoding.offsets, text)
        }
    }

    /// Letters, numbers and whitespace are those of the reference, for each of the 1.1 million
    /// scalars.
    @Test func everyScalarGivesTheReferencesPieces() throws {
        let texts = ByteLevelRecording.scalars()
        var count = 0
        for setting in recording.settings {
            guard let recorded = setting.digests["scalars"] else { continue }
            let tokenizer = try tokenizer(setting)
            #expect(try Recording.Digest(of: texts, tokenizer) == recorded, "\(setting.name)")
            count += 1
        }
        #expect(count == 2)
    }

    @Test func randomTextsGiveTheReferencesPieces() throws {
        let texts = ByteLevelRecording.randomTexts()
        for setting in recording.settings {
            let tokenizer = try tokenizer(setting)
            let recorded = try #require(setting.digests["random"])
            #expect(try Recording.Digest(of: texts, tokenizer) == recorded, "\(setting.name)")
        }
    }

    private struct SharedReference: Decodable {
        struct Single: Decodable { let text: String }
        let single: [Single]
    }

    @Test(.enabled(if: Outside.hasShared, "needs the shared data (WARRANT_SHARED)"))
    func everyRowOfTheSharedDataHasTheReferencesDigest() throws {
        let name = "reference/minilm/tokenization.json"
        let reference = try JSONDecoder().decode(
            SharedReference.self, from: Data(contentsOf: Outside.shared.appending(path: name)))
        var texts = [name: reference.single.map(\.text)]
        for setting in recording.settings {
            let tokenizer = try tokenizer(setting)
            let sources = setting.digests.filter { $0.key.contains("/") }
            #expect(sources.count >= (setting.name == "roberta" ? 16 : 3))
            for (source, recorded) in sources {
                let rows = try texts[source] ?? Outside.texts(of: source)
                texts[source] = rows
                #expect(
                    try Recording.Digest(of: rows, tokenizer) == recorded,
                    "\(setting.name): \(source)")
            }
        }
    }
}
