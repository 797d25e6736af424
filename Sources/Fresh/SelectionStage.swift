import Models
import Rationales
import Saliency
import Training

/// The words that a thresholder selected of each document.
package struct Selection {
    /// The thresholder, calibrated.
    package let settings: ThresholderSettings
    /// The scores by which it selected: the scorer's or the tagger's.
    package let saliency: Splits<[SaliencyMap]>
    /// The selected words' indices.
    package let words: Splits<[[Int]]>
}

/// Selects words by the scorer's scores, or by the tagger's where there is one.
package struct SelectionStage: Stage {
    /// The kind of its key; selections are remembered, and never on the disk.
    package static let kind = StageKind("selection", version: 1)
    package static var inputs: [any Stage.Type] {
        [DocumentsStage.self, SaliencyStage.self, TaggerSaliencyStage.self]
    }

    /// The run that it belongs to.
    let run: FreshRun

    package var key: StageKey {
        let saliency = run.tagger.map { TaggerSaliencyStage(tagger: $0).key } ?? run.saliency.key
        return StageKey(
            Self.kind,
            [("saliency", .string(saliency.name)), ("thresholder", run.options.selection.json)])
    }

    package func make(in graph: StageGraph) throws -> Selection {
        let documents = try graph.output(of: run.documents)
        let saliency =
            if let tagger = run.tagger {
                try graph.output(of: TaggerSaliencyStage(tagger: tagger))
            } else {
                try graph.output(of: run.saliency)
            }
        return try documents.select(saliency, by: run.options.selection)
    }
}

extension FreshDocuments {
    /// The words that a thresholder selects. A budget over the data set is that of the training
    /// documents: its cut-off then serves every document alike.
    ///
    /// - Parameter settings: the thresholder, not calibrated.
    func select(
        _ saliency: Splits<[SaliencyMap]>, by settings: ThresholderSettings
    ) throws -> Selection {
        let settings = try settings.calibrated(on: saliency.train.map(\.scores))
        let thresholder = try settings.thresholder()
        let words = saliency.zip(data).map { maps, set in
            maps.indices.map { index in
                thresholder.select(maps[index], of: set.documents[index], set.tokenized[index])
            }
        }
        return Selection(settings: settings, saliency: saliency, words: words)
    }
}
