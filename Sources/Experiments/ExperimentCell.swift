import Fresh
import JSON
import Models
import Rationales
import Training

/// One place in an experiment's grid: a classifier, and what it reads of which data.
public struct ExperimentCell: Sendable {
    /// The data set's name.
    public let data: String
    /// The scorer's name; nil: whole documents are read.
    public let scorer: String?
    /// What selects words; nil: whole documents are read.
    public let thresholder: ThresholderSettings?
    /// What the classifier reads.
    public let variant: Variant

    /// Whether the epoch was chosen on the rows that are measured as test.
    public let testIsDev: Bool

    /// The run's seed.
    public var seed: UInt64 { keys.options.seed }

    /// How many classes its data set has.
    package var classes: Int { keys.rows.labels.count }

    /// Which of the experiment's data sets it is.
    let dataIndex: Int
    /// The keys of its stages; their options have the scorer and the thresholder.
    let keys: StageKeys
    /// Its own stage.
    let stage: StageKey

    package init(
        data: String, dataIndex: Int, scorer: String?, thresholder: ThresholderSettings?,
        variant: Variant, keys: StageKeys, stage: StageKey, testIsDev: Bool = false
    ) {
        self.data = data
        self.dataIndex = dataIndex
        self.scorer = scorer
        self.thresholder = thresholder
        self.variant = variant
        self.keys = keys
        self.stage = stage
        self.testIsDev = testIsDev
    }

    /// The cell for people: `sst seed 0: cls-attention, top-k, ratio 0.2`.
    public var title: String {
        let parts = [scorer, thresholder?.description].compactMap { $0 }
        let reads =
            switch variant {
            case .support: ["full text"]
            case .classifier: parts
            default: parts + [variant.stage.name]
            }
        return "\(data) seed \(seed): \(reads.joined(separator: ", "))"
    }

    /// The names of its parts under the keys of a result's line.
    package var members: [(key: String, value: JSONText)] {
        [
            ("data", .string(data)), ("scorer", scorer.map { .string($0) } ?? .null),
            ("thresholder", thresholder?.json ?? .null), ("seed", .integer(Int(seed))),
            ("variant", .string(variant.name)),
        ]
    }
}

/// What came out of a cell.
public struct ExperimentResult: Sendable {
    /// What was trained on what.
    public let cell: ExperimentCell
    let outcome: Outcome

    package init(cell: ExperimentCell, outcome: Outcome) {
        self.cell = cell
        self.outcome = outcome
    }

    /// On the development set.
    public var dev: TrainingRecord.Score { outcome.dev }
    /// On the test set; nil: there is none.
    public var test: TrainingRecord.Score? { outcome.test }
    /// The epoch that was best on the development set, from 1.
    public var bestEpoch: Int { outcome.bestEpoch }
    /// The share of all words that the classifier was given, of test or else of dev.
    public var rationaleShare: Double { outcome.rationaleShare }
    /// How the words agree with those that humans marked; nil: nobody marked any.
    public var plausibility: PlausibilityScores? { outcome.plausibility }
    /// The test documents' classes by index.
    public var testLabels: [Int] { outcome.testLabels }
    /// The predicted classes of the test documents.
    public var testPredictions: [Int] { outcome.testPredictions }
    /// How long training took when it was done.
    public var seconds: Double { outcome.seconds }
    /// The set that was measured: `test`; or `dev` where there is none, or where it stands in for
    /// one.
    public var measuredSet: String { test == nil || cell.testIsDev ? "dev" : "test" }

    /// The result as a line of `results.jsonl`.
    package var json: JSONText {
        var members = cell.members
        members += [
            ("dev", dev.json), ("test", test?.json ?? .null), ("best_epoch", .integer(bestEpoch)),
            ("rationale_share", .double(rationaleShare)), ("seconds", .double(seconds)),
        ]
        if let plausibility { members.append(("plausibility", plausibility.json)) }
        return .object(members)
    }
}

extension TrainingRecord.Score {
    fileprivate var json: JSONText {
        .object(
            [
                ("macro_f1", .double(macroF1)), ("accuracy", .double(accuracy)),
                ("documents", .integer(documents)),
            ] + (classesWithRows.map { [("classes_with_rows", .integer($0))] } ?? []))
    }
}
