import Models
import Rationales
import Saliency
import Tensors
import Training

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
    package var unfinished: [StageKey] { [key] }

    package func make(in graph: StageGraph) throws -> Splits<[SaliencyMap]> {
        let documents = try graph.output(of: run.documents)
        let model = try graph.output(of: run.support).model()
        let scorer = try SaliencyScorers.named(run.options.scorer, seed: run.options.seed)
        return try graph.scoreWords(
            key, of: documents, by: .saliency(scorer, of: model), .extraction)
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
    package var unfinished: [StageKey] { [key, tagger.key] }

    package func make(in graph: StageGraph) throws -> Splits<[SaliencyMap]> {
        let documents = try graph.output(of: tagger.run.documents)
        let trained = try graph.output(of: tagger)
        return try graph.scoreWords(
            key, of: documents, by: .tagger(trained.tagger), .taggerExtraction)
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
    /// Scores the words of all documents, from where that was kept.
    fileprivate func scoreWords(
        _ key: StageKey, of documents: FreshDocuments, by source: Extractor.Source,
        _ stage: TrainingProgress.Stage
    ) throws -> Splits<[SaliencyMap]> {
        // Scores do not depend on what selects by them.
        let scorer = Extractor(
            source, tokenizer: documents.tokenizer, thresholder: TopK(ratio: 1),
            chunk: documents.chunk)
        let counts = documents.data.map(\.documents.count)
        let total = counts.all.reduce(0, +)
        let unfinished = try store.unfinished(key, called: "\(stage.name) of words' scores")
        var maps = try unfinished.map { try documents.maps($0.part()) } ?? []
        let (begin, before) = (ContinuousClock.now, maps.count)
        var words = maps.reduce(0) { $0 + $1.scores.count }
        var start = 0
        for set in documents.data.all {
            let count = set.documents.count
            for first in stride(from: max(0, maps.count - start), to: count, by: 256) {
                let part = first..<min(count, first + 256)
                let scores = try scorer.scores(
                    Array(set.documents[part]), Array(set.tokenized[part]),
                    workers: documents.workers
                ).map(\.saliency)
                maps += scores
                words += scores.reduce(0) { $0 + $1.scores.count }
                try report(
                    TrainingProgress(
                        stage, documents: maps.count, of: total, since: begin, before: before))
                unfinished?.keep(part: { maps.flatMap(\.scores) }, count: words)
            }
            start += count
        }
        return Splits(
            train: Array(maps[..<counts.train]),
            dev: Array(maps[counts.train..<(counts.train + counts.dev)]),
            test: Array(maps[(counts.train + counts.dev)...]))
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
                return cut(scores, words)
            }
        }
    }
}

extension FreshDocuments {
    /// The first documents' scores, of the numbers that were kept of all.
    ///
    /// - Returns: none, where the numbers are not those of whole documents.
    fileprivate func maps(_ scores: [Float]) -> [SaliencyMap] {
        var rest = scores.count
        let words = wordCounts.all.joined().prefix { count in
            rest -= count
            return rest >= 0
        }
        guard words.reduce(0, +) == scores.count, scores.allSatisfy({ (0...1) ~= $0 }) else {
            return []
        }
        return cut(scores, Array(words))
    }
}

/// The scores of each document, of those of all end to end.
private func cut(_ scores: [Float], _ words: [Int]) -> [SaliencyMap] {
    var start = 0
    return words.map { count in
        defer { start += count }
        return SaliencyMap(scores: Array(scores[start..<(start + count)]))
    }
}
