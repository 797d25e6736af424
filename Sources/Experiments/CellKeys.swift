import Fresh
import JSON
import Rationales
import Training

extension StageKeys {
    /// `cell-…` of the support model.
    package var supportCell: StageKey {
        key(CellStage.kind, [("rows", rows.json), ("variant", "support")])
    }

    /// `cell-…`: the result of a classifier of rationales.
    package func cell(
        scorer: String, _ settings: ThresholderSettings, _ variant: Variant,
        _ tagging: TrainingOptions.Tagging?
    ) -> StageKey {
        // Agreement with humans is measured wherever somebody marked words.
        let measured = rows.hasTest ? rows.rationales.test : rows.rationales.dev
        let learned = scorer == "human" || (tagging?.humanShare ?? 0) > 0
        // Said only where it is another: a cell's name is otherwise that of before there was a choice.
        let classifier: StageKey.Dependencies =
            JSONText.object(classifierReading).write() == JSONText.object(reading).write()
            ? [] : [("classifier", .object(classifierReading))]
        return key(
            CellStage.kind,
            classifier + [
                ("rows", rows.json), ("variant", .string(variant.name)),
                ("scorer", .string(scorer)), ("thresholder", settings.json),
                ("human_share", tagging.map { .double($0.humanShare) } ?? .null),
                ("measured_rationales", .string(measured)),
                (
                    "learned_rationales",
                    learned
                        ? [.string(rows.rationales.train), .string(rows.rationales.dev)] : .null
                ),
            ])
    }
}
