extension EncoderFamily {
    /// RoBERTa (Liu et al. 2019): positions begin after the padding token's id; the head is dropout,
    /// a dense layer, tanh, dropout and a projection.
    package static let roberta = {
        var family = EncoderFamily(
            "roberta", className: "Roberta",
            names: CheckpointNames(
                encoder: "roberta", pooler: "classifier.dense", head: "classifier.out_proj"))
        family.usualPaddingTokenID = 1
        // A position for each id up to that of the padding token, which none but padding takes.
        family.unusedPositions = { $0 + 1 }
        family.positionIDs = positionsAfterPadding
        family.dropsOutBeforePooler = true
        return family
    }()

    /// Counts from one past the padding token's id, and gives that id itself to padding tokens, also
    /// to those that a text spells out.
    @Sendable
    private static func positionsAfterPadding(
        _ batch: PackedBatch, _ paddingTokenID: Int
    ) -> [Int32] {
        let padding = Int32(paddingTokenID)
        var position = padding
        return batch.ids.indices.map { index in
            if batch.positionIDs[index] == 0 { position = padding }
            if batch.ids[index] == padding { return padding }
            position += 1
            return position
        }
    }
}
