import Classifiers
import Encoders
import Errors
import Files
import Tensors
import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes a smaller encoder of a larger one: some of its layers, the word pieces that texts of a
/// domain use most, and fewer positions. Fine-tuned on that domain it loses little; the shipped
/// model is made so.
public struct EncoderTrimming: Sendable {
    /// The numbers of the layers that stay, in order.
    public var layers: [Int]
    /// How many word pieces stay.
    public var vocabularySize: Int
    /// How many positions stay.
    public var maximumLength: Int
    /// How weights are stored.
    public var weightFormat: FloatFormat

    /// A plan.
    public init(
        layers: [Int], vocabularySize: Int, maximumLength: Int, weightFormat: FloatFormat = .f32
    ) {
        self.layers = layers
        self.vocabularySize = vocabularySize
        self.maximumLength = maximumLength
        self.weightFormat = weightFormat
    }

    /// Writes the smaller encoder of `encoder`, a BERT, into `output`, an existing folder.
    ///
    /// Special tokens and every piece of a single ASCII character stay, so that no ASCII word
    /// becomes unknown; the rest of the vocabulary are the pieces that `texts` use most (the
    /// earlier id of equal ones).
    ///
    /// - Throws: `EncoderError`, `TokenizerError`, another `DescribedError` about a file;
    ///   `WarrantError` for a plan that does not fit the encoder.
    public func write(encoder: URL, texts: [String], to output: URL) throws {
        let files = FolderFiles(encoder.path)
        let family = try EncoderConfiguration(files).family
        guard family.isTrimmable else {
            throw WarrantError(
                .badData,
                "\(encoder.path) has the model_type \"\(family.rawValue)\"; only BERT encoders can be "
                    + "trimmed")
        }
        let tokenizer = try WordPieceTokenizer(files)
        // The head is not written; two labels make a classifier that carries the encoder.
        let model = try SequenceClassifier(encoder: files, labels: ["0", "1"], seed: 0)
        try RationaleClassifier.check(tokenizer, fits: model.configuration, folder: encoder)
        guard !layers.isEmpty, layers.allSatisfy({ $0 >= 0 && $0 < model.configuration.layers })
        else {
            throw WarrantError(
                .wrongUsage,
                "\(encoder.path) has the layers 0 to \(model.configuration.layers - 1); asked for "
                    + "\(layers)")
        }
        guard (8...model.configuration.maximumLength).contains(maximumLength) else {
            throw WarrantError(
                .wrongUsage,
                "\(encoder.path) has \(model.configuration.maximumLength) positions; asked for "
                    + "\(maximumLength), expected at least 8")
        }
        let pieces = try keptPieces(tokenizer, texts, encoder: encoder)
        try unwritable {
            try model.trimmed(layers: layers, pieces: pieces, maximumLength: maximumLength)
                .save(to: output, as: weightFormat, encoderOnly: true)
        }
        let lines = pieces.compactMap { tokenizer.token(for: Int32($0)) }
        try writeFile(
            Array((lines.joined(separator: "\n") + "\n").utf8),
            to: output.appendingPathComponent("vocab.txt").path)
        // Settings carry over; a whole tokenizer.json would hold the old vocabulary.
        for name in ["tokenizer_config.json", "special_tokens_map.json"] {
            guard let bytes = try files.bytes(name) else { continue }
            try writeFile(bytes, to: output.appendingPathComponent(name).path)
        }
        try check(output, against: tokenizer, of: encoder, texts, pieces: Set(pieces))
    }

    /// Reads the smaller tokenizer again, and compares what it makes of texts whose pieces all stayed.
    ///
    /// - Throws: `WarrantError` where the settings do not fit the smaller vocabulary: where they name
    ///   ids, or stand in tokenizer.json alone.
    private func check(
        _ output: URL, against tokenizer: WordPieceTokenizer, of encoder: URL, _ texts: [String],
        pieces: Set<Int>
    ) throws {
        func fail(_ why: String) -> WarrantError {
            WarrantError(
                .badData,
                "\(encoder.path): its tokenizer cannot be carried over to a smaller vocabulary: \(why); "
                    + "write its settings into tokenizer_config.json, without ids")
        }
        let small: WordPieceTokenizer
        do { small = try WordPieceTokenizer(folder: output) } catch { throw fail("\(error)") }
        guard small.vocabularySize == pieces.count else {
            throw fail("\(small.vocabularySize) pieces are read of \(pieces.count)")
        }
        if let difference = small.difference(from: tokenizer) { throw fail(difference) }
        for text in texts {
            let ids = tokenizer.tokenize(text, maximumLength: .max).ids
            guard ids.allSatisfy({ pieces.contains(Int($0)) }) else { continue }
            let again = small.tokenize(text, maximumLength: .max).ids
            guard ids.map({ tokenizer.token(for: $0) }) == again.map({ small.token(for: $0) })
            else { throw fail("a text has other pieces") }
        }
    }

    private func keptPieces(
        _ tokenizer: WordPieceTokenizer, _ texts: [String], encoder: URL
    ) throws -> [Int] {
        var counts = [Int](repeating: 0, count: tokenizer.vocabularySize)
        for text in texts {
            for id in tokenizer.tokenize(text, maximumLength: .max).ids { counts[Int(id)] += 1 }
        }
        var kept = Set(
            [
                tokenizer.classifierTokenID, tokenizer.separatorTokenID, tokenizer.paddingTokenID,
                tokenizer.unknownTokenID, tokenizer.maskTokenID,
            ].map(Int.init))
        for id in counts.indices where tokenizer.token(for: Int32(id)).map(isSingleASCII) == true {
            kept.insert(id)
        }
        guard kept.count <= vocabularySize else {
            throw WarrantError(
                .wrongUsage,
                "special tokens and single characters alone are \(kept.count) pieces; asked for "
                    + "\(vocabularySize)")
        }
        let byUse = counts.indices.filter { counts[$0] > 0 }.sorted {
            (-counts[$0], $0) < (-counts[$1], $1)
        }
        for id in byUse where kept.count < vocabularySize { kept.insert(id) }
        return kept.sorted()
    }

    private func isSingleASCII(_ piece: String) -> Bool {
        let scalars = piece.hasPrefix("##") ? piece.dropFirst(2)[...] : piece[...]
        return scalars.utf8.count == 1 && scalars.utf8.first.map { $0 < 128 } == true
    }
}
