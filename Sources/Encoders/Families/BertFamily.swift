extension EncoderFamily {
    /// BERT (Devlin et al. 2019).
    package static let bert = {
        var family = EncoderFamily(
            "bert", className: "Bert",
            names: CheckpointNames(
                encoder: "bert", pooler: "bert.pooler.dense", head: "classifier"))
        family.tellsPairsBySegments = true
        family.isTrimmable = true
        return family
    }()
}
