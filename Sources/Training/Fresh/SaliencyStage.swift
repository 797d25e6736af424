import Models
import Rationales
import Saliency
import Tensors

/// Scores each word of each document, by a scorer with the support model.
package struct SaliencyStage: Stage {
    // 2: words without pieces have no score.
    // 3: scores that are all zero stay so; a tagger's head, order and dropout are drawn from streams
    //    of their own.
    package static let kind = StageKind("saliency", version: 3)
    package static var inputs: [any Stage.Type] {
        [DocumentsStage.self, SupportStage.self]
    }

    /// The run that it belongs to.
    let run: FreshRun

    package var key: StageKey { run.keys.saliency(scorer: run.options.scorer) }

    package func make(in graph: StageGraph) throws -> Splits<[SaliencyMap]> {
        let documents = try graph.output(of: run.documents)
        let model = try graph.output(of: run.support).model()
        let scorer = try SaliencyScorers.named(run.options.scorer, seed: run.options.seed)
        return try graph.scoreWords(of: documents, by: .saliency(scorer, of: model), .extraction)
    }

    package func kept(in graph: StageGraph) throws -> Splits<[SaliencyMap]>? {
        try graph.keptScores(key, of: graph.output(of: run.documents), .extraction)
    }

    package func keep(_ output: Splits<[SaliencyMap]>, in graph: StageGraph) throws {
        try graph.store.keep(tensors(output), as: key)
    }
}

/// Scores each word of each document, by a tagger in a scorer's place.
package struct TaggerSaliencyStage: Stage {
    package static var inputs: [any Stage.Type] {
        [DocumentsStage.self, TaggerStage.self]
    }

    /// The tagger that scores.
    let tagger: TaggerStage

    package var key: StageKey {
        let run = tagger.run
        return run.keys.saliency(
            scorer: run.options.scorer, tagger: (run.options.selection, tagger.tagging))
    }
    package var trainings: [StageKey] { [tagger.key] }

    package func make(in graph: StageGraph) throws -> Splits<[SaliencyMap]> {
        let documents = try graph.output(of: tagger.run.documents)
        let trained = try graph.output(of: tagger)
        return try graph.scoreWords(of: documents, by: .tagger(trained.tagger), .taggerExtraction)
    }

    package func kept(in graph: StageGraph) throws -> Splits<[SaliencyMap]>? {
        try graph.keptScores(key, of: graph.output(of: tagger.run.documents), .taggerExtraction)
    }

    package func keep(_ output: Splits<[SaliencyMap]>, in graph: StageGraph) throws {
        try graph.store.keep(tensors(output), as: key)
    }
}

private let setNames = Splits(train: "train", dev: "dev", test: "test")

/// A set's scores end to end, document by document.
private func tensors(_ maps: Splits<[SaliencyMap]>) -> [SafetensorsTensor] {
    setNames.zip(maps).all.map { set, maps in
        SafetensorsTensor(name: set, shape: [maps.reduce(0) { $0 + $1.scores.count }]) { write in
            try maps.flatMap(\.scores).withUnsafeBufferPointer(write)
        }
    }
}

extension StageGraph {
    /// Scores the words of all documents.
    fileprivate func scoreWords(
        of documents: FreshDocuments, by source: Extractor.Source, _ stage: TrainingProgress.Stage
    ) throws -> Splits<[SaliencyMap]> {
        // Scores do not depend on what selects by them.
        let scorer = Extractor(
            source, tokenizer: documents.tokenizer, thresholder: TopK(ratio: 1),
            window: documents.window)
        let total = documents.data.all.reduce(0) { $0 + $1.documents.count }
        let begin = ContinuousClock.now
        var done = 0
        return try documents.data.map { set in
            var maps: [SaliencyMap] = []
            for first in stride(from: 0, to: set.documents.count, by: 256) {
                let part = first..<min(set.documents.count, first + 256)
                maps += try scorer.scores(
                    Array(set.documents[part]), Array(set.tokenized[part]),
                    workers: documents.workers
                ).map(\.saliency)
                done += part.count
                try report(TrainingProgress(stage, documents: done, of: total, since: begin))
            }
            return maps
        }
    }

    /// The scores that are kept; nil: they are not.
    fileprivate func keptScores(
        _ key: StageKey, of documents: FreshDocuments, _ stage: TrainingProgress.Stage
    ) throws -> Splits<[SaliencyMap]>? {
        try store.tensors(key, called: "the words' scores (\(stage.name))") { file in
            try setNames.zip(documents.wordCounts).map { set, words in
                let scores = try file.floats(set)
                guard scores.count == words.reduce(0, +), scores.allSatisfy({ (0...1) ~= $0 })
                else { throw StageFlaw("\(set) is not a score for each word of the data") }
                var start = 0
                return words.map { count in
                    defer { start += count }
                    return SaliencyMap(scores: Array(scores[start..<(start + count)]))
                }
            }
        }
    }
}
