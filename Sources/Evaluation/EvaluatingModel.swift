import Datasets
import Models
import Training

extension RationaleModel {
    /// Classifies labelled rows and compares.
    ///
    /// - Parameters:
    ///   - faithfulness: whether the support model is asked again without its rationales and from
    ///     them alone: about seven times the work.
    ///   - report: told how far it is, of all rows.
    ///   - record: is called with each row that was measured.
    /// - Throws: `DatasetError` for a row without a label or with one unseen in training.
    public func evaluate(
        _ rows: [Example], faithfulness: Bool = false,
        report: (TrainingProgress) throws -> Void = { _ in },
        record: (MeasuredRow) throws -> Void = { _ in }
    ) throws -> Evaluation {
        try TrainingData.check(rows, labels: manifest.labels, usesQuery: manifest.usesQuery)
        var evaluation = Evaluation(labels: manifest.labels, words: manifest.words)
        let begin = ContinuousClock.now
        // A stretch at a time, so that long documents' texts are all that grows.
        for stretch in rows.stretches(of: 256, upTo: 4 << 20, weighing: \.text.utf8.count) {
            let part = Array(rows[stretch])
            let documents = part.map(\.document)
            let classifications = try classify(documents)
            let whole =
                try extractor.supportPredictions(
                    from: classifications.map { $0?.extraction }, in: precision)
                ?? readWhole(documents)
            let measured = evaluation.add(part, classifications, whole: whole)
            let ablations =
                faithfulness
                ? try self.ablations(
                    measured.map(\.row.document), measured.map(\.classification.extraction),
                    whole: measured.map(\.whole)) : []
            evaluation.add(ablations)
            for (index, var row) in measured.enumerated() {
                row.ablation = faithfulness ? ablations[index] : nil
                try record(row)
            }
            try report(
                TrainingProgress(
                    .evaluation, documents: stretch.upperBound, of: rows.count, since: begin))
        }
        return evaluation
    }
}
