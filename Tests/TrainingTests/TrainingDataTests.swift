import Randomness
import Testing
import Warrant

@Suite("Training data")
struct TrainingDataTests {
    private func rows(_ labels: [String], file: String = "train.jsonl") -> [Example] {
        labels.enumerated().map { index, label in
            Example(
                text: "word\(index)", label: label,
                location: SourceLocation(file: file, line: index + 1))
        }
    }

    @Test("a tenth is held out where no dev set is given, and never a class's last row")
    func holdOut() throws {
        let labels = (0..<60).map { $0 % 2 == 0 ? "even" : "odd" } + ["rare"]
        for seed in 0..<20 as Range<UInt64> {
            let data = try TrainingData(train: rows(labels), dev: nil, test: [], seed: seed)
            #expect(data.heldOut == 6 && data.dev.count == 6 && data.train.count == 55)
            #expect(data.dev.count { $0.label == "odd" } == 3, "as many of each class")
            #expect(Set(data.train.compactMap(\.label)) == ["even", "odd", "rare"], "seed \(seed)")
            let again = try TrainingData(train: rows(labels), dev: nil, test: [], seed: seed)
            #expect(again.dev == data.dev, "a seed decides")
            #expect(
                Set(data.dev.map(\.location)).isDisjoint(with: data.train.map(\.location)))
        }
    }

    @Test("rows of the same text are held out together, or stay together")
    func holdOutOfTexts() throws {
        // 40 texts of 1 to 4 rows each, and one of 30.
        var all = rows((0..<130).map { $0 % 3 == 0 ? "no" : "yes" })
        for index in all.indices {
            all[index].text = index < 100 ? "text \(index * 41 / 130 * index % 40)" : "the long one"
            all[index].query = "query \(index)?"
        }
        for seed in 0..<20 as Range<UInt64> {
            let data = try TrainingData(train: all, dev: nil, test: [], seed: seed)
            #expect((11...15).contains(data.dev.count), "about a tenth")
            #expect(Set(data.dev.map(\.text)).isDisjoint(with: data.train.map(\.text)))
            #expect(data.dev.count + data.train.count == 130)
            #expect(!data.dev.contains { $0.text == "the long one" }, "it is more than a tenth")
        }
        // Of few texts the smaller is taken, and none of a single one.
        for index in all.indices { all[index].text = index < 40 ? "first" : "second" }
        let few = try TrainingData(train: all, dev: nil, test: [], seed: 0)
        #expect(Set(few.dev.map(\.text)) == ["first"] && few.heldOut == 40)
        for index in all.indices { all[index].text = "the only one" }
        let error = #expect(throws: DatasetError.self) {
            try TrainingData(train: all, dev: nil, test: [], seed: 0)
        }
        #expect(
            error?.description
                == "train.jsonl:1: the 130 rows have too few different texts to hold some out: give --dev"
        )
    }

    @Test("each class with two texts gives rows to both sets, and another seed draws others")
    func stratified() throws {
        let counts = ["2": 2, "10": 15, "common": 300, "once": 1, "three": 3]
        var generator = SeededGenerator(seed: 9)
        let labels = generator.shuffled(
            counts.sorted { $0.key < $1.key }.flatMap {
                [String](repeating: $0.key, count: $0.value)
            })
        var splits: Set<[String]> = []
        for seed in 0..<20 as Range<UInt64> {
            let data = try TrainingData(train: rows(labels), dev: nil, test: [], seed: seed)
            #expect(data.labels == ["2", "10", "common", "once", "three"])
            func count(_ label: String) -> Int { data.dev.count { $0.label == label } }
            #expect(data.labels.map(count) == [1, 2, 30, 0, 1], "seed \(seed)")
            splits.insert(data.dev.map(\.text))
        }
        #expect(splits.count == 20)
    }

    @Test("a class whose texts are all shared with others gets dev rows where they permit")
    func stratifiedSharedTexts() throws {
        // Each text is asked about four times; the last answer of every fifth one is rare.
        var all = rows((0..<200).map { $0 % 20 == 19 ? "rare" : $0 % 2 == 0 ? "no" : "yes" })
        for index in all.indices {
            all[index].text = "text \(index / 4)"
            all[index].query = "query \(index % 4)?"
        }
        for seed in 0..<20 as Range<UInt64> {
            let data = try TrainingData(train: all, dev: nil, test: [], seed: seed)
            #expect(data.dev.count { $0.label == "rare" } == 1)
            #expect((16...24).contains(data.dev.count))
            #expect(Set(data.dev.map(\.text)).isDisjoint(with: data.train.map(\.text)))
        }
    }

    @Test("a wrong row is named with its file and line")
    func wrongRows() {
        func expectError(
            _ fragment: String, train: [Example], dev: [Example]? = nil, test: [Example] = []
        ) {
            let error = #expect(throws: DatasetError.self) {
                _ = try TrainingData(train: train, dev: dev, test: test, seed: 0)
            }
            #expect(error?.description.contains(fragment) == true, "\(String(describing: error))")
        }
        let good = rows(["a", "b", "a", "b"])
        expectError("train.jsonl:1: all 3 rows are labelled \"a\"", train: rows(["a", "a", "a"]))
        expectError(
            "dev.jsonl:2: the label \"c\" was not seen in training", train: good,
            dev: rows(["a", "c"], file: "dev.jsonl"))
        expectError(
            "test.jsonl:1: the label \"c\"", train: good, dev: good,
            test: rows(["c"], file: "test.jsonl"))
        let names = (0..<5_000).map { "class \($0)" }
        expectError("the rows have 5000 different labels", train: rows(names + names), dev: good)
        var mixed = good
        mixed[2].query = "why?"
        expectError("train.jsonl:3: this row has a query", train: mixed, dev: good)
        mixed = good.map { row in
            var row = row
            row.query = "why?"
            return row
        }
        expectError("train.jsonl:1: this row has no query", train: mixed, dev: good)
        mixed[1].query = nil
        expectError("train.jsonl:2: this row has no query, while others have one", train: mixed)
        var empty = good
        for index in empty.indices { empty[index].text = " \n" }
        expectError("no row has a text with words", train: empty)
    }

    @Test("rows without words are left out and told")
    func emptyRows() throws {
        var train = rows(["a", "b", "a", "b"])
        train[1].text = "  "
        let data = try TrainingData(train: train, dev: train, test: [], seed: 0)
        #expect(data.train.count == 3 && data.dev.count == 3)
        #expect(data.emptyRows.map(\.description) == ["train.jsonl:2", "train.jsonl:2"])
    }

    @Test("settings out of range are refused before work begins")
    func options() {
        func expectError(_ fragment: String, _ change: (inout TrainingOptions) -> Void) {
            var options = TrainingOptions()
            change(&options)
            let error = #expect(throws: WarrantError.self) { try options.validate() }
            #expect(error?.description.contains(fragment) == true)
        }
        #expect(throws: Never.self) { try TrainingOptions().validate() }
        expectError("epochs") { $0.recipe.epochs = 0 }
        expectError("batch size") { $0.recipe.batchSize = 0 }
        expectError("threads") { $0.threads = 0 }
        expectError("learning rate") { $0.recipe.learningRate = .nan }
        expectError("weight decay") { $0.recipe.weightDecay = -1 }
        expectError("warm-up") { $0.recipe.warmup = 2 }
        expectError("the classifier's recipe: epochs is 0") {
            $0.classifierRecipe = TrainingRecipe()
            $0.classifierRecipe?.epochs = 0
        }
    }
}
