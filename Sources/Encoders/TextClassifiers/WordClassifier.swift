import Files
import Tensors
import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An `AttentionClassifier` as a `TextClassifier`: a query and its text come as one document, and
/// there is a logit for each class.
///
/// The one logit z of two classes is read as -z/2 and z/2, whose softmax is 1 - σ(z) and σ(z).
package final class WordClassifier: TextClassifier {
    static let kind = TextClassifierKind(modelTypes: WordEncoders.names) {
        WordClassifier(try AttentionClassifier($0))
    }

    /// The model.
    package let model: AttentionClassifier

    /// A model as it reads documents.
    package init(_ model: AttentionClassifier) { self.model = model }

    package var configuration: AttentionConfiguration { model.configuration }
    package var labels: [String] { model.configuration.labels }
    /// Every number of the model.
    package var parameters: Parameters { model.parameters }

    /// The same model with parameters of its own.
    package func copy() -> WordClassifier { WordClassifier(model.copy()) }

    package func logits(_ documents: [TokenizedDocument], workers: Workers) -> [[Float]] {
        trace(documents, [], workers: workers) { $1.logits }
    }

    /// Quantities have a row for each token of a document; the rows of a query's tokens are 0. What
    /// a probe replaces is of the text alone.
    package func trace<Result: Sendable>(
        _ documents: [TokenizedDocument], _ wanted: Set<TraceQuantity>, _ pass: TracedPass,
        workers: Workers, _ body: @Sendable (Int, Trace) -> Result
    ) -> [Result] {
        let parts = DocumentParts(documents, readsPairs: configuration.readsPairs)
        return model.trace(
            parts.texts, questions: parts.questions, wanted, pass.differentiation,
            probe: pass.probe, workers: workers, logits: classLogits
        ) { index, trace in
            let before = documents[index].ids.count - trace.tokens
            return body(index, before == 0 ? trace : trace.behind(tokens: before))
        }
    }

    package func save(to folder: URL, as format: FloatFormat) throws {
        try model.save(to: folder, as: format)
    }

    /// One shard of a training step, as `AttentionClassifier.trainingPass`; a document's logits are
    /// the mean over its chunks.
    ///
    /// - Parameters:
    ///   - chunks: those of all documents of the shard.
    ///   - counts: how many chunks each document has.
    /// - Returns: each document's loss, scaled but not weighted.
    package func trainingPass(
        _ chunks: [TokenizedDocument], counts: [Int], labels: [Int], scales: [Double],
        weight: Double, on tape: Tape
    ) -> [Double] {
        let parts = DocumentParts(chunks, readsPairs: configuration.readsPairs)
        return model.trainingPass(
            PackedBatch(parts.texts), questions: parts.questions.map { PackedBatch($0) },
            counts: counts, labels: labels, scales: scales, weight: weight, on: tape)
    }

    /// How many tokens a document's text has, without its query.
    package static func textTokens(_ document: TokenizedDocument, readsPairs: Bool) -> Int {
        let before = readsPairs ? document.queryTokens : 0
        return document.ids.count - max(0, before - 1)
    }

    /// Logits [documents, classes].
    private func classLogits(_ logits: Variable, on tape: Tape) -> Variable {
        guard logits.columns == 1 else { return logits }
        return tape.concatenation(columns: [
            tape.scaled(logits, by: -0.5), tape.scaled(logits, by: 0.5),
        ])
    }
}

/// Documents as a classifier of pairs reads them: the texts, in segment 1, and the queries before
/// them.
private struct DocumentParts {
    let texts: [TokenizedDocument]
    /// nil for a classifier of single texts.
    let questions: [TokenizedDocument]?

    init(_ documents: [TokenizedDocument], readsPairs: Bool) {
        guard readsPairs else {
            (texts, questions) = (documents, nil)
            return
        }
        texts = documents.map(\.secondSequence)
        questions = documents.map(\.firstSequence)
    }
}

extension TokenizedDocument {
    /// How many tokens the query and the special tokens around it take; of a document without a
    /// query all tokens are the document's.
    fileprivate var queryTokens: Int { segmentIDs.firstIndex(of: 1) ?? 0 }

    /// The text behind the query, from a token that begins it.
    fileprivate var secondSequence: TokenizedDocument {
        let first = queryTokens
        guard first > 0 else { return self }
        return sequence(
            Array(ids[..<1] + ids[first...]), [-1] + wordIndices[first...], words: words.count)
    }

    /// The query between its special tokens; of a document without one these alone.
    fileprivate var firstSequence: TokenizedDocument {
        let end = queryTokens
        guard end > 0 else { return sequence(Array(ids.prefix(1) + ids.suffix(1)), [-1, -1]) }
        let words = (0..<Int32(max(0, end - 2))).map { $0 }
        return sequence(Array(ids[..<end]), [-1] + words + [-1], words: words.count)
    }

    private func sequence(
        _ ids: [Int32], _ wordIndices: [Int32], words count: Int = 0
    ) -> TokenizedDocument {
        TokenizedDocument(
            ids: ids, segmentIDs: ids.map { _ in 0 }, offsets: ids.map { _ in 0..<0 },
            wordIndices: Array(wordIndices.prefix(ids.count)),
            words: Array(repeating: 0..<0, count: count), readWords: 0)
    }
}

extension Trace {
    /// The trace of a text that stands behind so many tokens more than it has itself: the first row
    /// stays the first, and theirs, which are 0, follow.
    fileprivate func behind(tokens others: Int) -> Trace {
        var trace = Trace(tokens: tokens + others, logits: logits, values: values)
        for (quantity, rows) in values {
            let width = rows.count / tokens
            trace.values[quantity] =
                Array(rows[..<width]) + Array(repeating: 0, count: others * width) + rows[width...]
        }
        return trace
    }
}
