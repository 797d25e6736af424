import Tokenization

/// Everything beside its files that shapes how a classifier reads a rationale: a certificate holds
/// it, and the classifier's digest covers it.
public struct ClassifierReading: Sendable, Hashable, Codable {
    /// The most tokens of a chunk, special tokens and the query included.
    public var maximumLength: Int
    /// The most tokens from the beginning of one chunk to that of the next; nil for models of format
    /// 1, which cut a rationale after its first chunk.
    public var stride: Int?
    /// The special tokens around the texts, in the notation of Hugging Face's `TemplateProcessing`:
    /// `$A` is the rationale's words, or with a query `$A` is the query and `$B` the words; `:1`
    /// marks what lies in segment 1. Such as `[CLS] $A [SEP]`.
    public var layout: String

    enum CodingKeys: String, CodingKey {
        case stride, layout
        case maximumLength = "maximum_length"
    }

    /// A reading in chunks of this size, between the special tokens of a tokenizer.
    ///
    /// - Parameter hasQuery: whether the classifier reads a query before the words.
    /// - Throws: `TokenizerError` where the chunks have no room for the special tokens.
    package init(chunks: ChunkSize, tokenizer: any Tokenizer, hasQuery: Bool) throws {
        maximumLength = chunks.length
        stride = chunks.stride
        layout = try Self.layout(of: tokenizer, hasQuery: hasQuery)
    }

    /// The layout of empty texts: nothing but special tokens is left of them.
    private static func layout(of tokenizer: any Tokenizer, hasQuery: Bool) throws -> String {
        let empty = try tokenizer.tokenize("", query: hasQuery ? "" : nil, maximumLength: 16)
        func place(_ name: String, _ segment: Int32) -> String {
            segment == 0 ? name : "\(name):\(segment)"
        }
        var parts = zip(empty.ids, empty.segmentIDs).map { id, segment in
            place(tokenizer.token(for: id) ?? "#\(id)", segment)
        }
        guard parts.count >= 2 else { return parts.joined(separator: " ") }
        let last = place(hasQuery ? "$B" : "$A", empty.segmentIDs[parts.count - 1])
        parts.insert(last, at: parts.count - 1)
        if hasQuery { parts.insert("$A", at: 1) }
        return parts.joined(separator: " ")
    }

    /// The reading on one line, as the classifier's digest covers it.
    var line: String {
        "reading maximum_length \(maximumLength) stride \(stride.map { "\($0)" } ?? "none") "
            + "layout \(layout)\n"
    }
}

/// What a certificate names a classifier by: a digest of its files and of its reading.
public struct ClassifierIdentity: Sendable, Hashable {
    /// Stands in place of a digest while a classifier has no files.
    package static let unsavedDigest = "unsaved"

    /// SHA-256 over the names and digests of the files (`FileDigests.stage`); nil for a classifier
    /// that was trained just now and not written yet.
    public let filesDigest: String?
    /// How the classifier reads.
    public let reading: ClassifierReading
    /// SHA-256 over the files' names and digests and the reading: what certificates name. Those of
    /// version 1 and 2 name `filesDigest`.
    public let digest: String

    /// The identity of a classifier with these files.
    ///
    /// - Parameter files: the SHA-256 of each file by name; nil while there are none.
    package init(files: [String: String]?, reading: ClassifierReading) {
        self.reading = reading
        filesDigest = files.map { FileDigests.stage(files: $0) }
        digest =
            files.map { FileDigests.sha256(Array((FileDigests.lines($0) + reading.line).utf8)) }
            ?? Self.unsavedDigest
    }
}
