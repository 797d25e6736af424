import Encoders
import Errors
import Files
import Tensors
import Tokenization

extension WordVectors {
    /// The standard deviation that word pieces' vectors are scaled to: about that of fastText's.
    private static let deviation = 0.3

    /// Vectors from the word pieces of an encoder: of each word the mean of its pieces' embeddings; of
    /// unknown words, start and end those of the encoder's own. Where fewer columns are asked for, words
    /// are projected onto the directions in which they differ most (principal components). All are
    /// scaled to a standard deviation of .3.
    ///
    /// - Parameters:
    ///   - folder: a Hugging Face encoder.
    ///   - size: the width; nil: the encoder's.
    /// - Throws: `WarrantError` for more columns than the encoder has, `EncoderError`,
    ///   `TokenizerError`, `SafetensorsError`, `FileError`.
    /// - Complexity: O(words · columns²) where columns are projected.
    package init(encoder folder: FolderFiles, words: [String], size wanted: Int?) throws {
        let model = try SequenceClassifier(encoder: folder, labels: ["0", "1"], seed: 0)
        let table = model.parameters[model.encoder.wordEmbeddings]
        let tokenizer = try openTokenizer(folder)
        let width = table.columns
        if let wanted, wanted > width {
            throw WarrantError(
                .wrongUsage,
                "\(folder.path): has embeddings of \(width) numbers; an embedding size of \(wanted) "
                    + "was asked for: give \(width) or less")
        }
        guard tokenizer.vocabularySize <= table.rows else {
            throw WarrantError(
                .badData,
                "\(folder.path): its tokenizer has \(tokenizer.vocabularySize) pieces and its weights "
                    + "\(table.rows): the two do not belong together")
        }
        let special = WordVocabulary.specialWords.count
        var rows = [[Double]](repeating: [], count: words.count)
        var known = 0
        for (index, word) in words.enumerated() {
            var ids: [Int32] = []
            switch index {
            case 0: break
            case 1: ids = [Self.unknown(tokenizer)]
            case 2: ids = [tokenizer.classifierTokenID]
            case 3: ids = [tokenizer.separatorTokenID]
            default:
                ids = Array(
                    try tokenizer.tokenize(word, maximumLength: 1 << 20).ids
                        .dropFirst().dropLast())
                if !ids.isEmpty { known += 1 }
            }
            rows[index] = (0..<width).map { column in
                ids.reduce(0) { $0 + Double(table[Int($1), column]) }
                    / Double(max(1, ids.count))
            }
        }
        if let wanted, wanted < width {
            let components = PrincipalComponents(Array(rows[special...]), count: wanted)
            // Zero stays zero: what has no vector is not moved to the mean.
            rows = rows.map { row in
                row.allSatisfy { $0 == 0 }
                    ? Array(repeating: 0, count: wanted) : components.project(row)
            }
        }
        let scale = Self.scale(of: rows[special...])
        self.init(
            size: wanted ?? width,
            values: rows.flatMap { row in row.map { Float($0 * scale) } }, known: known)
    }

    /// The id of the token that stands for what an encoder does not know; its mask where none is among
    /// the first thousand.
    private static func unknown(_ tokenizer: any Tokenizer) -> Int32 {
        (0..<Int32(min(tokenizer.vocabularySize, 1_000))).first { id in
            ["[UNK]", "<unk>"].contains(tokenizer.token(for: id))
        } ?? tokenizer.maskTokenID
    }

    private static func scale(of rows: ArraySlice<[Double]>) -> Double {
        let count = Double(rows.reduce(0) { $0 + $1.count })
        guard count > 1 else { return 1 }
        let mean = rows.reduce(0) { $1.reduce($0, +) } / count
        let squares = rows.reduce(0) { $1.reduce($0) { $0 + ($1 - mean) * ($1 - mean) } }
        return squares > 0 ? deviation / (squares / (count - 1)).squareRoot() : 1
    }
}
