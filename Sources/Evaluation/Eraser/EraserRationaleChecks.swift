import Datasets
import Rationales

extension EraserVerification {
    /// Checks a result's documents, spans and scores of tokens and sentences.
    ///
    /// Stricter than `verify_instance` of ERASER's `metrics.py`, which lets empty and repeated spans
    /// and repeated documents pass, and stops with a stack trace at a document that is not there.
    mutating func check(_ result: EraserResult, of annotation: EraserAnnotation) {
        var seen: Set<String> = []
        for (position, rationale) in result.rationales.enumerated() {
            let field = "rationales.\(position)"
            let docid = DatasetError.quoteName(rationale.docid)
            guard seen.insert(rationale.docid).inserted else {
                add(result, "\(field).docid", "\(docid) stands twice; expected each document once")
                continue
            }
            guard annotation.holds(rationale.docid) else {
                add(
                    result, "\(field).docid",
                    "\(docid) is not among the annotation's documents (\(annotation.location))")
                continue
            }
            let sentences: [Int]?
            do throws(DatasetError) {
                sentences = try split.documents.sentences(of: rationale.docid, at: result.location)
            } catch {
                add(result, "\(field).docid", error.message)
                continue
            }
            guard let sentences else {
                add(
                    result, "\(field).docid",
                    "there is no document \(docid) in \(split.documents.path)")
                continue
            }
            let tokens = sentences.reduce(0, +)
            checkSpans(result, rationale, tokens: tokens, field)
            checkScores(
                result, rationale.soft, count: tokens, "tokens",
                "\(field).soft_rationale_predictions")
            checkScores(
                result, rationale.softSentences, count: sentences.count, "sentences",
                "\(field).soft_sentence_predictions")
        }
        checkConsistency(result)
    }

    private mutating func checkSpans(
        _ result: EraserResult, _ rationale: EraserResult.Rationale, tokens: Int, _ field: String
    ) {
        let field = "\(field).hard_rationale_predictions"
        var inside: [(position: Int, span: EraserResult.Span)] = []
        for (position, span) in (rationale.hard ?? []).enumerated() {
            let (start, end) = (span.startToken, span.endToken)
            if start < 0 || end > tokens {
                add(
                    result, "\(field).\(position)",
                    "tokens \(start) to \(end) are not within the document, which has \(tokens)")
            } else if start >= end {
                add(
                    result, "\(field).\(position)",
                    "tokens \(start) to \(end) are none; expected the first token and the one "
                        + "after the last")
            } else {
                inside.append((position, span))
            }
        }
        inside.sort { $0.span.startToken < $1.span.startToken }
        var furthest: (position: Int, span: EraserResult.Span)?
        for next in inside {
            if let furthest, next.span.startToken < furthest.span.endToken {
                add(
                    result, "\(field).\(next.position)",
                    "tokens \(next.span.startToken) to \(next.span.endToken) overlap with "
                        + "\(furthest.span.startToken) to \(furthest.span.endToken); "
                        + "expected spans that are apart")
            }
            if next.span.endToken > furthest?.span.endToken ?? 0 { furthest = next }
        }
    }

    private mutating func checkScores(
        _ result: EraserResult, _ scores: [Double]?, count: Int, _ unit: String, _ field: String
    ) {
        guard let scores else { return }
        if scores.count != count {
            add(
                result, field,
                "has \(scores.count) scores, but the document has \(count) \(unit); "
                    + "expected one for each")
        } else if let position = scores.firstIndex(where: { !$0.isFinite }) {
            add(result, "\(field).\(position)", "is not a finite number")
        }
    }

    /// What is given for one of a result's documents is given for all of them.
    private mutating func checkConsistency(_ result: EraserResult) {
        let fields: [(String, (EraserResult.Rationale) -> Bool)] = [
            ("hard_rationale_predictions", { $0.hard != nil }),
            ("soft_rationale_predictions", { $0.soft != nil }),
            ("soft_sentence_predictions", { $0.softSentences != nil }),
        ]
        for (name, isPresent) in fields where result.rationales.contains(where: isPresent) {
            guard let position = result.rationales.firstIndex(where: { !isPresent($0) }) else {
                continue
            }
            add(
                result, "rationales.\(position).\(name)",
                "is missing, but other documents of the annotation have it; "
                    + "expected it for all or for none")
        }
    }
}
