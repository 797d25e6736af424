import ArgumentParser
import JSON
import Warrant

/// What `classify` and `extract` have in common: texts in, a line for each out, batch by batch, with
/// notices of what could not be read.
struct AnswerStream {
    /// Which model answers.
    let model: ModelOptions
    /// What answers are computed in.
    let precision: PrecisionChoice
    /// Where texts come from and lines go.
    let texts: TextOptions

    /// Answers every text.
    ///
    /// - Parameters:
    ///   - check: complains about a row that cannot be answered.
    ///   - answer: an answer for each document, nil where there is no word to read.
    ///   - extraction: what an answer was taken from.
    ///   - write: prints an answer.
    ///   - writeUnreadable: prints what stands in place of one, with the reason.
    ///   - end: prints what follows the last answer.
    /// - Throws: exit status 65 at the end if a text or a row could not be read.
    func run<Answer>(
        check: @escaping (RationaleModel) -> (Example) throws -> Void,
        answer: (RationaleModel, [Document]) throws -> [Answer?],
        extraction: (Answer) -> Extraction,
        write: (NumberedRow, Answer, ByteOutput) throws -> Void,
        writeUnreadable: (NumberedRow, String, ByteOutput) throws -> Void,
        end: (ByteOutput) throws -> Void
    ) throws {
        let output = try ResultOutput(texts.output)
        let model = try model.load(precision)
        let limit = model.extractor.chunk.length
        let readsRationales = model.manifest.scorer == "human" && !model.manifest.usesTagger
        let source = try texts.source(readsRationales: readsRationales)
        let notices = DocumentNotices()
        var batches = DocumentBatches(
            source, check: check(model), skip: texts.keepGoing ? notices.noteBad : nil)
        while let batch = try batches.next() {
            let answers = try answer(model, batch.map(\.example.document))
            for (row, answer) in zip(batch, answers) {
                guard let answer else {
                    let reason = DocumentNotices.reason(row.example, limit: limit)
                    notices.noteUnreadable(row.example, reason)
                    try writeUnreadable(row, reason, output.bytes)
                    continue
                }
                let extraction = extraction(answer)
                if extraction.isTruncated {
                    notices.noteTruncation(extraction, of: row.example, limit: limit)
                }
                notices.noteRationale(extraction, of: row.example)
                try write(row, answer, output.bytes)
                notices.answered += 1
            }
            try output.bytes.flush()
        }
        try end(output.bytes)
        try output.finish()
        notices.summarize(words: model.manifest.words)
        if notices.unreadable + notices.bad > 0 { throw ExitCode(65) }
    }
}
