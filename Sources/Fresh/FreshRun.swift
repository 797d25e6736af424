import Files
import Training

/// A run of FRESH (Jain, Wiegreffe, Pinter & Wallace 2020): what its stages depend on, and the stages
/// themselves, each of which asks the graph for those before it: a support model on whole documents,
/// word scores, a selection of words, a tagger where one is wanted, and classifiers that are trained
/// on the selected words only.
package struct FreshRun {
    /// What its classifiers begin from.
    package let origin: any ClassifierOrigin
    /// The names of the stages.
    package let keys: StageKeys
    /// The rows.
    package let documents: DocumentsStage

    /// How models are trained.
    package var options: TrainingOptions { keys.options }

    /// A run whose keys are known.
    package init(origin: any ClassifierOrigin, keys: StageKeys, documents: DocumentsStage) {
        self.origin = origin
        self.keys = keys
        self.documents = documents
    }

    /// A run on rows that begins from an encoder's folder.
    ///
    /// - Throws: as with another origin.
    package init(encoder: FolderFiles, data: TrainingData, options: TrainingOptions) throws {
        try self.init(origin: PretrainedEncoder(encoder), data: data, options: options)
    }

    /// A run on rows.
    ///
    /// - Throws: `WarrantError` for options that are out of their ranges, `EncoderError`, `FileError`.
    package init(
        origin: any ClassifierOrigin, data: TrainingData, options: TrainingOptions
    ) throws {
        try options.validate()
        try origin.check(options)
        let chunks = try options.chunks(origin.configuration())
        keys = StageKeys(
            encoder: try origin.digest(), chunk: chunks.documents,
            classifierChunk: chunks.rationales, options: options,
            rows: RowDigests(data, markedOnly: options.scorer == "human"))
        self.origin = origin
        documents = DocumentsStage(keys, origin: origin, rows: { data })
    }

    /// The support model, on whole documents.
    package var support: SupportStage { SupportStage(run: self) }

    /// The scorer's score for each word, by the support model.
    package var saliency: SaliencyStage { SaliencyStage(run: self) }

    /// The tagger that selects in the scorer's place; nil: the scorer selects itself.
    package var tagger: TaggerStage? { options.tagging.map { TaggerStage(run: self, tagging: $0) } }

    /// The words that are selected by the scorer's or the tagger's scores.
    package var selection: SelectionStage { SelectionStage(run: self) }
}
