import Datasets
import JSON
import Training

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One row of an ERASER split as ERASER's own scorer reads it: what a human marked, where, and why.
///
/// Evidence groups are flattened: each of their spans counts by itself.
struct EraserAnnotation: Sendable, Hashable, Decodable {
    /// A span that a human marked.
    struct Evidence: Sendable, Hashable, Decodable {
        let docid: String
        let startToken: Int
        let endToken: Int
        /// The sentences, -1 in the data where nobody knows.
        let startSentence: Int?
        let endSentence: Int?

        private enum CodingKeys: String, CodingKey {
            case docid
            case startToken = "start_token"
            case endToken = "end_token"
            case startSentence = "start_sentence"
            case endSentence = "end_sentence"
        }
    }

    let id: String
    let classification: String
    let evidences: [Evidence]
    /// The documents that the row lists, where it lists them.
    let docids: [String]?
    /// The documents that the row lists or that hold evidence.
    private let named: Set<String>
    /// Where the row stands.
    var location = SourceLocation(file: "")

    private enum CodingKeys: String, CodingKey {
        case id = "annotation_id"
        case classification, evidences, docids
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        id = try row.decode(String.self, forKey: .id)
        classification = try row.decode(String.self, forKey: .classification)
        let groups = try row.decodeIfPresent([[Evidence]].self, forKey: .evidences)
        evidences = (groups ?? []).flatMap { $0 }
        docids = try row.decodeIfPresent([String].self, forKey: .docids)
        named = Set((docids ?? []) + evidences.map(\.docid))
    }

    /// Whether a document belongs to the row: it is listed or holds evidence; where nothing is
    /// listed, also when the row's id names it, alone or before `:` and the numbers of a question
    /// and an answer, or when its name begins with the id.
    func holds(_ docid: String) -> Bool {
        if named.contains(docid) { return true }
        guard docids?.isEmpty ?? true else { return false }
        return docid.hasPrefix(id) || id.hasPrefix(docid + ":")
    }

    /// What was marked in a document, by tokens.
    func tokens(in docid: String) -> [Range<Int>] {
        evidences.filter { $0.docid == docid }.map { $0.startToken..<$0.endToken }
    }

    /// What was marked in a document, by sentences.
    func sentences(in docid: String) -> [Range<Int>] {
        evidences.filter { $0.docid == docid }.compactMap { evidence in
            guard let start = evidence.startSentence, let end = evidence.endSentence, start >= 0
            else { return nil }
            return start..<end
        }
    }

    /// Reads a split.
    ///
    /// - Parameters:
    ///   - path: a file of JSON lines.
    ///   - documents: the documents that evidence lies in.
    /// - Throws: ``DatasetError`` about the first row that is not what it should be.
    static func read(
        _ path: String, documents: EraserDocumentSizes
    ) throws(DatasetError) -> [EraserAnnotation] {
        let lines = try LineReader(path: path, maximumLineBytes: EraserDocumentSizes.maximumBytes)
        var annotations: [EraserAnnotation] = []
        var firstLines: [String: Int] = [:]
        while let line = try lines.next() {
            guard
                var row: Self = try line.object(
                    at: lines.location, like: EraserReader.exampleRow, { try $0.decoded() })
            else {
                continue
            }
            row.location = lines.location
            if let first = firstLines.updateValue(lines.line, forKey: row.id) {
                throw DatasetError(
                    .badData, at: lines.location,
                    "the annotation_id \(DatasetError.quoteName(row.id)) stands in line \(first) "
                        + "already; expected each once: drop one of the rows")
            }
            try row.check(documents)
            annotations.append(row)
        }
        let classes = Set(annotations.map(\.classification)).count
        guard classes <= TrainingData.mostClasses else {
            throw DatasetError(
                .badData, at: SourceLocation(file: path),
                "the rows have \(classes) different classifications, and at most "
                    + "\(TrainingData.mostClasses) can be told apart; check the file")
        }
        guard !annotations.isEmpty else {
            throw DatasetError(
                .badData, at: SourceLocation(file: path),
                "there are no rows; expected an ERASER split: check that the file is complete")
        }
        return annotations
    }

    private func check(_ documents: EraserDocumentSizes) throws(DatasetError) {
        for evidence in evidences {
            guard let sentences = try documents.sentences(of: evidence.docid, at: location) else {
                throw DatasetError(
                    .missingInput, at: location,
                    "there is no document \(DatasetError.quoteName(evidence.docid)) in "
                        + "\(documents.path), in which the row has evidence: add the file or "
                        + "give the right folder")
            }
            let tokens = sentences.reduce(0, +)
            guard Self.isSpan(evidence.startToken, evidence.endToken, within: tokens) else {
                throw DatasetError(
                    .badData, at: location,
                    "evidence from token \(evidence.startToken) to \(evidence.endToken) is not "
                        + "within \(DatasetError.quoteName(evidence.docid)), which has \(tokens) "
                        + "tokens: correct start_token and end_token")
            }
            guard let start = evidence.startSentence, let end = evidence.endSentence, start != -1
            else { continue }
            guard Self.isSpan(start, end, within: sentences.count) else {
                throw DatasetError(
                    .badData, at: location,
                    "evidence from sentence \(start) to \(end) is not within "
                        + "\(DatasetError.quoteName(evidence.docid)), which has \(sentences.count) "
                        + "sentences: correct start_sentence and end_sentence")
            }
        }
    }

    private static func isSpan(_ start: Int, _ end: Int, within count: Int) -> Bool {
        start >= 0 && start <= end && end <= count
    }
}
