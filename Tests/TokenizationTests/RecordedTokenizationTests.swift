import Foundation
import TestSupport
import Testing
import Tokenization

/// The pieces are those of Hugging Face `tokenizers`, id by id and byte by byte.
@Suite struct RecordedTokenizationTests {
    private let recording: Recording

    init() throws { recording = try Recording.load() }

    private func expect(
        _ document: TokenizedDocument, equals ids: [Int32], _ offsets: [Int], _ text: String
    ) {
        #expect(document.ids == ids, "\(text)")
        #expect(document.offsets.flatMap { [$0.lowerBound, $0.upperBound] } == offsets, "\(text)")
    }

    @Test func everyOptionGivesTheReferencesPieces() throws {
        #expect(recording.variants.count == 5)
        for variant in recording.variants {
            let accents = variant.strip_accents.map(String.init) ?? "null"
            let files = [
                "vocab.txt": recording.smallVocabulary.joined(separator: "\n"),
                "tokenizer_config.json": """
                {"do_lower_case": \(variant.do_lower_case), "strip_accents": \(accents),
                 "tokenize_chinese_chars": \(variant.tokenize_chinese_chars)}
                """,
            ]
            let tokenizer = try withFolder(files) { try WordPieceTokenizer(folder: $0) }
            #expect(variant.singles.count == recording.texts.count)
            for (text, encoding) in zip(recording.texts, variant.singles) {
                let document = tokenizer.tokenize(text, maximumLength: 10_000)
                expect(document, equals: encoding.ids, encoding.offsets, variant.name + ": " + text)
            }
        }
    }

    @Test(.enabled(if: Outside.hasEncoder, "needs the encoder folder (WARRANT_ENCODER)"))
    func theEncodersPiecesAreTheReferences() throws {
        let tokenizer = try WordPieceTokenizer(folder: Outside.encoder)
        #expect(recording.encoder.count == recording.texts.count)
        for (text, encoding) in zip(recording.texts, recording.encoder) {
            let document = tokenizer.tokenize(text, maximumLength: 10_000)
            expect(document, equals: encoding.ids, encoding.offsets, text)
            #expect(!document.isTruncated)
        }
        for pair in recording.pairs {
            let document = try tokenizer.tokenize(
                pair.document, query: pair.query, maximumLength: pair.maximumLength)
            expect(document, equals: pair.ids, pair.offsets, pair.document)
            #expect(document.segmentIDs == pair.segmentIDs, "\(pair.document)")
        }
        #expect(tokenizer.vocabularySize == 30_522)
        #expect(tokenizer.modelMaximumLength == 512)
    }

    @Test(.enabled(if: Outside.hasEncoder, "needs the encoder folder (WARRANT_ENCODER)"))
    func vocabularyOfTokenizerJSONAloneGivesTheSamePieces() throws {
        let file = Outside.encoder.appending(path: "tokenizer.json")
        let files = ["tokenizer.json": try Data(contentsOf: file)]
        let tokenizer = try withFolder(files) { try WordPieceTokenizer(folder: $0) }
        for (text, encoding) in zip(recording.texts, recording.encoder) {
            expect(
                tokenizer.tokenize(text, maximumLength: 10_000), equals: encoding.ids,
                encoding.offsets, text)
        }
    }

    @Test(
        .enabled(
            if: Outside.hasEncoder && Outside.hasShared,
            "needs the encoder folder (WARRANT_ENCODER) and the shared data (WARRANT_SHARED)"))
    func everyRowOfTheSharedDataHasTheReferencesDigest() throws {
        let tokenizer = try WordPieceTokenizer(folder: Outside.encoder)
        #expect(recording.digests.count >= 15)
        for (name, recorded) in recording.digests {
            let texts = try Outside.texts(of: "data/" + name)
            #expect(try Recording.Digest(of: texts, tokenizer) == recorded, "\(name)")
        }
    }

    private struct SharedReference: Decodable {
        struct Single: Decodable {
            let text: String
            let ids: [Int32]
            let offsets_scalars: [[Int]]
        }
        struct Pair: Decodable {
            let first: String
            let second: String
            let max_length: Int
            let ids: [Int32]
            let type_ids: [Int32]
            let offsets_scalars: [[Int]]
        }
        let single: [Single]
        let pair: [Pair]
    }

    @Test(
        .enabled(
            if: Outside.hasEncoder && Outside.hasShared,
            "needs the encoder folder (WARRANT_ENCODER) and the shared data (WARRANT_SHARED)"))
    func theSharedReferenceIsMet() throws {
        let tokenizer = try WordPieceTokenizer(folder: Outside.encoder)
        let file = Outside.shared.appending(path: "reference/minilm/tokenization.json")
        let reference = try JSONDecoder().decode(
            SharedReference.self, from: Data(contentsOf: file))
        func inScalars(_ range: Range<Int>, of text: String) -> [Int] {
            [range.lowerBound, range.upperBound].map {
                String(decoding: text.utf8.prefix($0), as: UTF8.self).unicodeScalars.count
            }
        }
        #expect(reference.single.count == 16 && reference.pair.count == 3)
        for single in reference.single {
            let document = tokenizer.tokenize(single.text, maximumLength: 128)
            #expect(document.ids == single.ids)
            #expect(
                document.offsets.map { inScalars($0, of: single.text) } == single.offsets_scalars)
        }
        for pair in reference.pair {
            let document = try tokenizer.tokenize(
                pair.second, query: pair.first, maximumLength: pair.max_length)
            #expect(document.ids == pair.ids)
            #expect(document.segmentIDs == pair.type_ids)
            let offsets = zip(document.offsets, document.segmentIDs).map {
                inScalars($0, of: $1 == 0 ? pair.first : pair.second)
            }
            #expect(offsets == pair.offsets_scalars)
        }
    }
}
