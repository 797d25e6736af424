import Datasets
import Models
import Rationales
import Tokenization
import Training

extension RationaleModel {
    /// Edits one unselected word of each row's text at a time, ten times by replacing and ten times by
    /// deleting it, and compares selection and label with those of the text as it was.
    ///
    /// - Parameters:
    ///   - rows: the texts; replacing words are drawn from them too, as often as they stand there.
    ///   - seed: decides words and replacements.
    ///   - report: receives how many rows are done.
    /// - Throws: `TokenizerError` where a query leaves no room for a document, and what `report` throws.
    /// - Complexity: twenty extractions of each row, and a prediction for each of them whose words are
    ///   others. Equal words give equal predictions: that is what is guaranteed.
    public func stability(
        _ rows: [Example], seed: UInt64 = 0, report: (TrainingProgress) throws -> Void = { _ in }
    ) throws -> Stability {
        let edits = WordEdits(drawnFrom: rows.map(\.text), by: manifest.words, seed: seed)
        var stability = Stability(seed: seed)
        let begin = ContinuousClock.now
        // Twenty edited texts of each row are in memory at a time.
        for stretch in rows.stretches(of: 16, upTo: 1 << 18, weighing: \.text.utf8.count) {
            try measure(
                Array(rows[stretch]).map(\.document), from: stretch.lowerBound, edits, &stability)
            try report(
                TrainingProgress(
                    .stability, documents: stretch.upperBound, of: rows.count, since: begin))
        }
        return stability
    }

    /// An edited document, and the one that it was.
    private struct Edited {
        let original: Int
        let edit: Stability.Edit
        let document: Document
    }

    private func measure(
        _ documents: [Document], from first: Int, _ edits: WordEdits, _ stability: inout Stability
    ) throws {
        let original = try answers(documents, unlessAsIn: [:])
        var edited: [Edited] = []
        for (index, document) in documents.enumerated() {
            guard let words = original[index]?.words(of: document, by: manifest.words) else {
                continue
            }
            for edit in Stability.Edit.allCases {
                edited += edits.draw(
                    edit, Stability.editCounts.max() ?? 0, document: first + index,
                    words: words.texts, selection: original[index]?.selection ?? []
                ).map {
                    Edited(
                        original: index, edit: edit,
                        document: $0.applied(to: document, words: words.ranges))
                }
            }
        }
        let known = Dictionary(
            edited.indices.map { ($0, original[edited[$0].original]) }, uniquingKeysWith: { $1 })
        let answers = try answers(edited.map(\.document), unlessAsIn: known.compactMapValues { $0 })
        var changes: [Int: [Stability.Edit: [(Change, Change)]]] = [:]
        for (index, edited) in edited.enumerated() {
            guard let before = original[edited.original] else { continue }
            let after = answers[index]
            changes[edited.original, default: [:]][edited.edit, default: []].append(
                (
                    (after?.selected != before.selected, after?.label != before.label),
                    (false, after?.whole != before.whole)
                ))
        }
        for index in documents.indices {
            guard let found = changes[index] else {
                stability.leftOut += 1
                continue
            }
            for (edit, changes) in found {
                stability.rationale[edit]?.add(changes.map(\.0))
                stability.fullText[edit]?.add(changes.map(\.1))
            }
        }
    }

    private typealias Change = (selection: Bool, label: Bool)

    /// A document's answer, as far as changes are counted in it.
    private struct Answer {
        /// The selected words' indices.
        let selection: [Int]
        /// The selected words.
        let selected: [String]
        /// The class that the classifier predicts.
        let label: Int
        /// The class that the support model predicts from the whole text.
        let whole: Int

        /// A document's words as texts and as ranges.
        func words(of document: Document, by rule: WordRule) -> (
            texts: [String], ranges: [Range<Int>]
        ) {
            let (bytes, ranges) = (Array(document.text.utf8), rule.ranges(in: document.text))
            return (ranges.map { String(decoding: bytes[$0], as: UTF8.self) }, ranges)
        }
    }

    /// Answers documents; nil for one without a word to read.
    ///
    /// - Parameter known: by a document's number, an answer whose label is also that of the same words.
    private func answers(
        _ documents: [Document], unlessAsIn known: [Int: Answer]
    ) throws -> [Answer?] {
        let extractions = try extract(documents)
        let whole =
            try extractor.supportPredictions(from: extractions, in: precision)
            ?? readWhole(documents)
        var labels: [Int: Int] = [:]
        var asked: [(index: Int, words: RationaleWords)] = []
        for (index, extraction) in extractions.enumerated() {
            guard let rationale = extraction?.rationale else { continue }
            if let answer = known[index], answer.selected == rationale.words {
                labels[index] = answer.label
            } else {
                asked.append(
                    (index, rationale.classifierInput(query: documents[index].query)))
            }
        }
        for (item, prediction) in zip(asked, try predict(asked.map(\.words))) {
            labels[item.index] = prediction?.index
        }
        return extractions.indices.map { index in
            guard let extraction = extractions[index], let label = labels[index],
                let whole = whole[index]
            else { return nil }
            return Answer(
                selection: extraction.rationale.selection, selected: extraction.rationale.words,
                label: label, whole: whole.index)
        }
    }
}
