import Classifiers
import Errors
import JSON

/// `checkpoint.json`: which run a checkpoint belongs to, how far it is, and the digests of the files
/// that hold the numbers.
struct CheckpointManifest: Equatable {
    static let fileName = "checkpoint.json"
    static let format = 1
    /// The most bytes of the file.
    static let largestSize = 16 << 20

    /// A file of numbers.
    struct File: Equatable {
        var bytes: Int
        var sha256: String
    }

    /// A stage: a training, or scores.
    struct Stage: Equatable {
        /// How far the training is; nil for scores.
        var position: TrainingPosition?
        /// The file with parameters and moments; nil for scores, and once the training has ended.
        var state: String?
        /// The file with the best epoch's parameters; nil for scores, and before an epoch has ended.
        var best: String?
        /// The file with a score for each word; nil for a training.
        var scores: String?

        var files: [String] { [state, best, scores].compactMap { $0 } }
    }

    /// One seed's run.
    struct Seed: Equatable {
        /// The file with what the run scored; nil: it has not ended.
        var scores: String?
        /// Its stages, by key.
        var stages: [String: Stage] = [:]
    }

    /// The parts of the run's identity by name.
    var run: [String: String]
    /// By the seed's digits.
    var seeds: [String: Seed] = [:]
    /// What is on the disk, by name.
    var files: [String: File] = [:]

    /// The names of the files that are referred to.
    var referenced: Set<String> {
        Set(
            seeds.values.flatMap { seed in
                seed.stages.values.flatMap(\.files) + (seed.scores.map { [$0] } ?? [])
            })
    }

    /// Whether a text is a name that checkpoints give to a file of numbers.
    static func isFileName(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789-".utf8)
        return parts.count == 2 && ["safetensors", "json"].contains(parts[1])
            && (1...120).contains(parts[0].utf8.count) && parts[0].utf8.allSatisfy(allowed.contains)
            && name != fileName
    }

    // MARK: JSON

    /// The file's bytes: the contents, and their digest in canonical form.
    func bytes() throws -> [UInt8] {
        let contents = json
        let value = try JSONValue(json: Array(contents.write().utf8), file: Self.fileName)
        let digest = FileDigests.sha256(canonicalJSON(value))
        return Array(
            JSONText.object([
                ("format", .integer(Self.format)), ("sha256", .string(digest)),
                ("checkpoint", contents),
            ]).write().utf8) + [UInt8(ascii: "\n")]
    }

    /// Reads the file's bytes, which may come from anywhere.
    ///
    /// - Throws: `JSONError`; `Flaw` for what does not fit together.
    init(_ bytes: [UInt8], file: String) throws {
        let root = try JSONValue(json: bytes, file: file)
        guard let format = root["format"]?.integer, let contents = root["checkpoint"] else {
            throw Flaw("is not a checkpoint's manifest")
        }
        guard format == Self.format else {
            throw Flaw("has format \(format), and this version reads format \(Self.format)")
        }
        guard root["sha256"]?.string == FileDigests.sha256(canonicalJSON(contents)) else {
            throw Flaw("does not match its own sha256; it was altered or damaged")
        }
        run = try Self.map(contents, "run") { $0.string }
        files = try Self.map(contents, "files") { value in
            guard let bytes = value["bytes"]?.integer, bytes >= 0,
                let sha256 = value["sha256"]?.string
            else { return nil }
            return File(bytes: bytes, sha256: sha256)
        }
        seeds = try Self.map(contents, "seeds") { value in
            Seed(
                scores: value["scores"]?.string,
                stages: try Self.map(value, "stages") { stage in
                    Stage(
                        position: try stage["position"].map { try TrainingPosition($0) },
                        state: stage["state"]?.string, best: stage["best"]?.string,
                        scores: stage["scores"]?.string)
                })
        }
        guard files.keys.allSatisfy(Self.isFileName), referenced.isSubset(of: files.keys),
            seeds.keys.allSatisfy({ UInt64($0) != nil })
        else { throw Flaw("names files or seeds that cannot be a checkpoint's") }
    }

    /// A manifest of a run that has not begun.
    init(run: RunIdentity) {
        self.run = Dictionary(uniqueKeysWithValues: run.parts.map { ($0.name, $0.value) })
    }

    /// What is wrong with a manifest, to follow its path.
    struct Flaw: Error {
        let problem: String
        init(_ problem: String) { self.problem = problem }
    }

    private static func map<Value>(
        _ value: JSONValue, _ key: String, _ body: (JSONValue) throws -> Value?
    ) throws -> [String: Value] {
        guard let members = value[key]?.object else { throw Flaw("has no object \(quoted(key))") }
        return try members.mapValues { member in
            guard let read = try body(member) else {
                throw Flaw("has a member of \(quoted(key)) that is not as expected")
            }
            return read
        }
    }

    private var json: JSONText {
        func object<Value>(
            _ members: [String: Value], _ body: (Value) -> JSONText
        ) -> JSONText {
            .object(members.sorted { $0.key < $1.key }.map { (key: $0.key, value: body($0.value)) })
        }
        func text(_ text: String?) -> JSONText { text.map { .string($0) } ?? .null }
        return .object([
            ("run", object(run) { .string($0) }),
            (
                "seeds",
                object(seeds) { seed in
                    .object([
                        ("scores", text(seed.scores)),
                        (
                            "stages",
                            object(seed.stages) { stage in
                                .object([
                                    ("position", stage.position?.json ?? .null),
                                    ("state", text(stage.state)), ("best", text(stage.best)),
                                    ("scores", text(stage.scores)),
                                ])
                            }
                        ),
                    ])
                }
            ),
            (
                "files",
                object(files) {
                    .object([("bytes", .integer($0.bytes)), ("sha256", .string($0.sha256))])
                }
            ),
        ])
    }
}

extension TrainingPosition {
    /// The position with every bit of its sums.
    fileprivate var json: JSONText {
        .object([
            ("epoch", .integer(epoch)), ("batch", .integer(batch)),
            ("documents", .integer(documents)), ("loss", .double(loss)),
            ("steps", .integer(trend.steps)), ("taken", .integer(trend.taken)),
            ("first_loss", .double(trend.firstSum)),
            ("first_documents", .integer(trend.firstDocuments)),
            ("last_loss", .double(trend.lastSum)),
            ("last_documents", .integer(trend.lastDocuments)),
            (
                "best",
                best.map {
                    .object([("epoch", .integer($0.epoch)), ("figure", .double($0.figure))])
                } ?? .null
            ),
        ])
    }

    /// - Throws: `Flaw` for a member that is missing, or that is no number.
    fileprivate init(_ value: JSONValue) throws {
        func integer(_ key: String, of value: JSONValue) throws -> Int {
            guard let number = value[key]?.integer, number >= 0 else {
                throw CheckpointManifest.Flaw("has no whole number \(quoted(key)) of a position")
            }
            return number
        }
        func double(_ key: String, of value: JSONValue) throws -> Double {
            guard let number = value[key]?.double else {
                throw CheckpointManifest.Flaw("has no number \(quoted(key)) of a position")
            }
            return number
        }
        var trend = LossTrend(steps: try integer("steps", of: value))
        trend.taken = try integer("taken", of: value)
        trend.firstSum = try double("first_loss", of: value)
        trend.firstDocuments = try integer("first_documents", of: value)
        trend.lastSum = try double("last_loss", of: value)
        trend.lastDocuments = try integer("last_documents", of: value)
        self.trend = trend
        epoch = try integer("epoch", of: value)
        batch = try integer("batch", of: value)
        documents = try integer("documents", of: value)
        loss = try double("loss", of: value)
        best = try value["best"].map {
            Best(epoch: try integer("epoch", of: $0), figure: try double("figure", of: $0))
        }
    }
}
