import Classifiers
import Errors
import JSON

/// `checkpoint.json`: which run a checkpoint belongs to, how far it is, and the digests of the files
/// that hold the numbers.
struct CheckpointManifest: Equatable {
    static let fileName = "checkpoint.json"
    static let format = 2
    /// The most bytes of the file.
    static let largestSize = 16 << 20

    /// A file of numbers.
    struct File: Equatable {
        var bytes: Int
        var sha256: String
    }

    /// What is kept of a stage: a training, tensors, or a value.
    struct Stage: Equatable {
        /// The name of the run of several that it belongs to; nil: it does not go when one of them does.
        var owner: String?
        /// How far the training is; nil for others.
        var position: TrainingPosition?
        /// How many seconds the training has taken so far; nil for others.
        var seconds: Double?
        /// The file with parameters and moments; nil once the training has ended.
        var state: String?
        /// The file with the best epoch's parameters; nil before an epoch has ended.
        var best: String?
        /// The file with tensors.
        var tensors: String?
        /// The file with a value as JSON.
        var value: String?

        var files: [String] { [state, best, tensors, value].compactMap { $0 } }
    }

    /// The parts of the run's identity by name.
    var run: [String: String]
    /// The stages by name.
    var stages: [String: Stage] = [:]
    /// What is on the disk, by name.
    var files: [String: File] = [:]

    /// The names of the files that are referred to.
    var referenced: Set<String> { Set(stages.values.flatMap(\.files)) }

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
    /// - Throws: `JSONError`; `StageFlaw` for what does not fit together.
    init(_ bytes: [UInt8], file: String) throws {
        let root = try JSONValue(json: bytes, file: file)
        guard let format = root["format"]?.integer, let contents = root["checkpoint"] else {
            throw StageFlaw("is not a checkpoint's manifest")
        }
        guard format == Self.format else {
            throw StageFlaw("has format \(format), and this version reads format \(Self.format)")
        }
        guard root["sha256"]?.string == FileDigests.sha256(canonicalJSON(contents)) else {
            throw StageFlaw("does not match its own sha256; it was altered or damaged")
        }
        run = try Self.map(contents, "run") { $0.string }
        files = try Self.map(contents, "files") { value in
            guard let bytes = value["bytes"]?.integer, bytes >= 0,
                let sha256 = value["sha256"]?.string
            else { return nil }
            return File(bytes: bytes, sha256: sha256)
        }
        stages = try Self.map(contents, "stages") { value in
            Stage(
                owner: value["owner"]?.string,
                position: try value["position"].map { try TrainingPosition($0) },
                seconds: try value["seconds"].map { try Self.seconds($0) },
                state: value["state"]?.string, best: value["best"]?.string,
                tensors: value["tensors"]?.string, value: value["value"]?.string)
        }
        guard files.keys.allSatisfy(Self.isFileName), referenced.isSubset(of: files.keys) else {
            throw StageFlaw("names files that cannot be a checkpoint's")
        }
    }

    private static func seconds(_ value: JSONValue) throws -> Double {
        guard case .number(let seconds) = value, seconds >= 0 else {
            throw StageFlaw("has seconds that are no time")
        }
        return seconds
    }

    /// A manifest of a run that has not begun.
    init(run: RunIdentity) {
        self.run = Dictionary(uniqueKeysWithValues: run.parts.map { ($0.name, $0.value) })
    }

    private static func map<Value>(
        _ value: JSONValue, _ key: String, _ body: (JSONValue) throws -> Value?
    ) throws -> [String: Value] {
        guard let members = value[key]?.object else {
            throw StageFlaw("has no object \(quoted(key))")
        }
        return try members.mapValues { member in
            guard let read = try body(member) else {
                throw StageFlaw("has a member of \(quoted(key)) that is not as expected")
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
                "stages",
                object(stages) { stage in
                    .object([
                        ("owner", text(stage.owner)),
                        ("position", stage.position?.json ?? .null),
                        ("seconds", stage.seconds.map { .double($0) } ?? .null),
                        ("state", text(stage.state)), ("best", text(stage.best)),
                        ("tensors", text(stage.tensors)), ("value", text(stage.value)),
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
                    .object([("epoch", .integer($0.epoch)), ("figure", .double($0.metric))])
                } ?? .null
            ),
        ])
    }

    /// - Throws: `StageFlaw` for a member that is missing, or that is no number.
    fileprivate init(_ value: JSONValue) throws {
        func integer(_ key: String, of value: JSONValue) throws -> Int {
            guard let number = value[key]?.integer, (0...1 << 53).contains(number) else {
                throw StageFlaw("has no whole number \(quoted(key)) of a position")
            }
            return number
        }
        func double(_ key: String, of value: JSONValue) throws -> Double {
            guard let number = value[key]?.double else {
                throw StageFlaw("has no number \(quoted(key)) of a position")
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
            Best(epoch: try integer("epoch", of: $0), metric: try double("figure", of: $0))
        }
    }
}
