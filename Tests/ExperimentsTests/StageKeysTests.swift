import Foundation
import Testing
import Warrant

@Suite("The names of an experiment's stages")
struct StageKeysTests {
    /// Rows of which each set has some that a human marked.
    private func rows(_ change: (inout [Example]) -> Void = { _ in }) -> [Example] {
        var rows = (0..<6).map { number in
            Example(
                id: "\(number)", text: "word \(number) and more",
                label: number % 2 == 0 ? "a" : "b",
                rationale: number % 3 == 0 ? [0..<1] : nil,
                location: SourceLocation(file: "rows", line: number))
        }
        change(&rows)
        return rows
    }

    private func keys(
        train: [Example]? = nil, dev: [Example]? = nil, test: [Example]? = nil,
        markedOnly: Bool = false, _ change: (inout StageKeys) -> Void = { _ in }
    ) throws -> StageKeys {
        let data = try TrainingData(
            train: train ?? rows(), dev: dev ?? rows(), test: test ?? rows(), seed: 0)
        var keys = StageKeys(
            encoder: "e", chunk: ChunkSize(length: 64),
            classifierChunk: ChunkSize(length: 64), options: TrainingOptions(),
            rows: RowDigests(data, markedOnly: markedOnly))
        change(&keys)
        return keys
    }

    private let topK = ThresholderSettings(.topK, ratio: 0.2)

    private func cell(
        _ keys: StageKeys, scorer: String = "cls-attention", _ settings: ThresholderSettings? = nil,
        _ variant: Variant = .classifier, _ tagging: TrainingOptions.Tagging? = nil
    ) -> StageKey { keys.cell(scorer: scorer, settings ?? topK, variant, tagging) }

    /// The classifier of one word.
    private func classifier(_ keys: StageKeys) -> StageKey {
        let set = [RationaleWords(words: ["a"], query: nil)]
        return keys.classifier(
            Splits(train: set, dev: set, test: set),
            labels: Splits(train: [0], dev: [0], test: [0]))
    }

    @Test func whatCountsAsAWordChangesAllNamesButThoseOfReadersOfRationales() throws {
        let (plain, other) = (try keys(), try keys { $0.options.words = .unicode })
        #expect(plain.support != other.support)
        #expect(plain.saliency(scorer: "first") != other.saliency(scorer: "first"))
        #expect(cell(plain) != cell(other))
        #expect(classifier(plain) == classifier(other))
    }

    @Test func recipeSeedEncoderAndRowsChangeEveryName() throws {
        let otherText = rows { $0[1].text += "!" }
        let others = [
            try keys { $0.encoder = "f" }, try keys { $0.options.seed = 1 },
            try keys { $0.chunk = ChunkSize(length: 63) },
            try keys { $0.chunk = ChunkSize(length: 64, stride: 40) },
            try keys { $0.options.recipe.epochs += 1 },
            try keys { $0.options.recipe.batchSize += 1 },
            try keys { $0.options.recipe.learningRate *= 2 },
            try keys { $0.options.recipe.weightDecay *= 2 },
            try keys { $0.options.recipe.warmup *= 2 },
            try keys { $0.options.recipe.classWeights = .balanced }, try keys(train: otherText),
            try keys(dev: otherText), try keys(test: otherText),
            try keys(dev: rows { $0[0].label = "b" }), try keys(test: rows().dropLast()),
            try keys(
                train: rows { for index in $0.indices { $0[index].query = "q" } },
                dev: rows { for index in $0.indices { $0[index].query = "q" } },
                test: rows { for index in $0.indices { $0[index].query = "q" } }),
            try keys(markedOnly: true),
        ]
        let all = [try keys()] + others
        #expect(Set(all.map(\.support)).count == all.count)
        #expect(Set(all.map(\.supportCell)).count == all.count)
        #expect(Set(all.map { $0.saliency(scorer: "cls-attention") }).count == all.count)
        #expect(Set(all.map { cell($0) }).count == all.count)
        for key in all { #expect(key.support.name.utf8.count == "support-".utf8.count + 16) }
    }

    @Test func whatIsSaidOfClassifiersChangesTheirNamesAlone() throws {
        let plain = try keys()
        let others = [
            try keys { $0.classifierChunk = ChunkSize(length: 32) },
            try keys { $0.classifier.epochs = 7 },
            try keys { $0.classifier.learningRate = 1 },
            try keys { $0.classifier.classWeights = .balanced },
        ]
        let all = [plain] + others
        for keys in others {
            #expect(keys.support == plain.support && keys.supportCell == plain.supportCell)
            #expect(keys.saliency(scorer: "lime") == plain.saliency(scorer: "lime"))
            #expect(
                keys.saliency(scorer: "lime", tagger: (topK, .init()))
                    == plain.saliency(scorer: "lime", tagger: (topK, .init())))
        }
        #expect(Set(all.map(classifier)).count == all.count)
        #expect(Set(all.map { cell($0) }).count == all.count)

        // Said or not, what is the same has the same names; so do classifiers that differ in how their
        // support models were trained.
        let same = try keys { $0.classifier.epochs = $0.options.recipe.epochs }
        #expect(classifier(same) == classifier(plain) && cell(same) == cell(plain))
        let usual = try keys {
            $0.chunk = ChunkSize(length: 64, stride: 48)
            $0.classifier.maximumLength = 64
        }
        #expect(classifier(usual) == classifier(plain) && cell(usual) == cell(plain))
        let longer = try keys {
            $0.classifier.epochs = $0.options.recipe.epochs
            $0.options.recipe.epochs += 1
        }
        #expect(classifier(longer) == classifier(plain))
        #expect(cell(longer) != cell(plain) && longer.support != plain.support)
    }

    @Test("names of what is kept stay as they are")
    func names() throws {
        let keys = try keys()
        #expect(keys.support.name == "support-4014a73733a90beb")
        #expect(keys.supportCell.name == "cell-27a33d008b64c1c4")
        #expect(keys.saliency(scorer: "cls-attention").name == "saliency-8cca70f7c8e1e4bc")
        #expect(cell(keys).name == "cell-f834d59606055415")
        #expect(classifier(keys).name == "classifier-42aeb769dbfd5b9c")
    }

    @Test func whereRowsLieAndWhatTheyAreCalledChangesNothing() throws {
        let moved = rows {
            for index in $0.indices {
                $0[index].location = SourceLocation(file: "elsewhere", line: index)
                $0[index].id = nil
            }
        }
        let keys = try keys()
        let other = try self.keys(train: moved, dev: moved, test: moved)
        #expect(other.support == keys.support && other.supportCell == keys.supportCell)
        #expect(cell(other) == cell(keys))
    }

    @Test func whatIsSelectedChangesACellAndNotItsSupportModel() throws {
        let keys = try keys()
        let names = [
            cell(keys), cell(keys, scorer: "random"),
            cell(keys, ThresholderSettings(.topK, ratio: 0.3)),
            cell(keys, ThresholderSettings(.topK, words: 3)),
            cell(keys, ThresholderSettings(.contiguous, ratio: 0.2)),
            cell(keys, nil, .control(.first)), cell(keys, nil, .control(.random)),
            cell(keys, nil, .classifier, .init()),
            cell(keys, nil, .classifier, .init(humanShare: 0.5)), keys.supportCell,
        ]
        #expect(Set(names).count == names.count)

        func scores(
            _ scorer: String, _ learns: ThresholderSettings? = nil, humanShare: Double = 0
        ) -> StageKey {
            keys.saliency(
                scorer: scorer,
                tagger: learns.map { ($0, TrainingOptions.Tagging(humanShare: humanShare)) })
        }
        let scored = [
            scores("cls-attention"), scores("random"), scores("cls-attention", topK),
            scores("random", topK), scores("cls-attention", topK, humanShare: 0.5),
            scores("cls-attention", ThresholderSettings(.topK, ratio: 0.3)),
        ]
        #expect(Set(scored).count == scored.count)
    }

    @Test func humanRationalesCountWhereTheyAreReadAndNowhereElse() throws {
        let plain = try keys()
        let marked = rows { $0[1].rationale = [1..<2] }
        let (train, test) = (try keys(train: marked), try keys(test: marked))
        #expect(train.support == plain.support && test.support == plain.support)
        #expect(train.supportCell == plain.supportCell)
        #expect(cell(train) == cell(plain))
        #expect(cell(test) != cell(plain), "agreement is measured on the test rows")
        #expect(cell(train, scorer: "human") != cell(plain, scorer: "human"))
        let tagging = TrainingOptions.Tagging(humanShare: 0.5)
        #expect(
            cell(train, nil, .classifier, tagging) != cell(plain, nil, .classifier, tagging))
        #expect(cell(train, nil, .classifier, .init()) == cell(plain, nil, .classifier, .init()))

        // Scores are read where humans score, and learned from where they supervise a tagger.
        for marked in [train, test] {
            #expect(marked.saliency(scorer: "human") != plain.saliency(scorer: "human"))
            #expect(marked.saliency(scorer: "lime") == plain.saliency(scorer: "lime"))
            #expect(
                marked.saliency(scorer: "lime", tagger: (topK, .init()))
                    == plain.saliency(scorer: "lime", tagger: (topK, .init())))
        }
        func supervised(_ keys: StageKeys) -> StageKey {
            keys.saliency(scorer: "lime", tagger: (topK, tagging))
        }
        #expect(supervised(train) != supervised(plain))
        #expect(supervised(test) == supervised(plain))
    }

    @Test func theSameWordsShareAClassifier() throws {
        let keys = try keys()
        func name(
            _ words: [String] = ["b", "c"], query: String? = nil, label: Int = 0,
            _ keys: StageKeys? = nil
        ) throws -> StageKey {
            let set = [
                RationaleWords(words: ["a"], query: nil),
                RationaleWords(words: words, query: query),
            ]
            return try (keys ?? self.keys()).classifier(
                Splits(train: set, dev: set, test: set),
                labels: Splits(train: [1, label], dev: [1, 1], test: [1, 1]))
        }
        let other = try self.keys(train: rows { $0[1].text += "!" })
        #expect(try name() == name(["b", "c"], keys))
        #expect(try name() == name(["b", "c"], other), "texts may differ where words are the same")
        let names = [
            try name(), try name(["b"]), try name(["b c"]), try name(query: "q"),
            try name(label: 1), try name(["b", "c"], self.keys { $0.options.seed = 1 }),
        ]
        #expect(Set(names).count == names.count)
    }
}

extension StageKeys {
    /// The recipe of classifiers of rationales.
    fileprivate var classifier: TrainingRecipe {
        get { options.classifierRecipe ?? options.recipe }
        set { options.classifierRecipe = newValue }
    }
}
