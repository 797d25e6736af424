import Encoders
import Rationales
import Tensors

/// What a prediction was made from and by: enough to make it again from these words alone.
public struct Certificate: Sendable, Equatable, Codable {
    /// The certificate's format. Version 1 had no precision, and meant float32.
    public static let currentVersion = 2

    /// The format that this certificate is in.
    public var version: Int
    /// SHA-256 over the classifier's files (`FileDigests.stage`).
    public var classifierDigest: String
    /// oneDNN's version and the instruction set that computed the logits.
    public var engine: String
    /// What products were computed in.
    public var precision: Precision
    /// All that the classifier saw of the document, in document order.
    public var words: [String]
    /// The query that it saw, where the task has one.
    public var query: String?
    /// One logit for each class.
    public var logits: [Float]
    /// The predicted class.
    public var label: String

    enum CodingKeys: String, CodingKey {
        case version, engine, precision, words, query, logits, label
        case classifierDigest = "classifier_sha256"
    }

    /// A certificate for a prediction that `classifierDigest`'s classifier made from `rationale`.
    public init(
        _ prediction: Prediction, of rationale: RationaleWords, classifierDigest: String,
        precision: Precision
    ) {
        version = Self.currentVersion
        engine = Engine.description
        words = rationale.words
        query = rationale.query
        logits = prediction.logits
        label = prediction.label
        self.classifierDigest = classifierDigest
        self.precision = precision
    }

    /// Reads a certificate of any version up to the current one.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        version = try values.decode(Int.self, forKey: .version)
        classifierDigest = try values.decode(String.self, forKey: .classifierDigest)
        engine = try values.decode(String.self, forKey: .engine)
        words = try values.decode([String].self, forKey: .words)
        query = try values.decodeIfPresent(String.self, forKey: .query)
        logits = try values.decode([Float].self, forKey: .logits)
        label = try values.decode(String.self, forKey: .label)
        precision =
            version == 1 ? .fp32 : try values.decode(Precision.self, forKey: .precision)
    }

    /// How far logits may lie apart that other hardware, or another oneDNN, computed. On the same
    /// engine they must be equal bit for bit.
    public static let toleranceAcrossEngines: Float = 1e-3

    /// The same where one of the two computed in bfloat16 and the other could not.
    public static let toleranceAcrossPrecisions: Float = 0.25

    /// The certificate's precision where this CPU has it, float32 elsewhere.
    public var usablePrecision: Precision { Precision.hasFastBF16 ? precision : .fp32 }

    /// Whether these logits were computed by the engine at hand, so that they must be equal bit for
    /// bit. Certificates of other engines are compared within `toleranceAcrossEngines`.
    public var isFromThisEngine: Bool { engine == Engine.description }

    /// How far logits that are made again here may lie from the certificate's.
    public var tolerance: Float {
        usablePrecision != precision
            ? Self.toleranceAcrossPrecisions
            : isFromThisEngine ? 0 : Self.toleranceAcrossEngines
    }

    /// Makes the prediction again from the certificate's words, and says what differs.
    ///
    /// - Parameters:
    ///   - digest: of the classifier at hand.
    ///   - workers: of the certificate's `usablePrecision`.
    /// - Returns: one line for each difference; none when the certificate holds.
    public func differences(
        from classifier: RationaleClassifier, digest: String, workers: Workers
    ) throws -> [String] {
        guard (1...Self.currentVersion).contains(version) else {
            return [
                "version: the certificate has \(version), expected 1 to \(Self.currentVersion)"
            ]
        }
        precondition(workers.precision == usablePrecision, "in the certificate's precision")
        guard classifierDigest == digest else {
            return [
                "classifier_sha256: the certificate was made by \(classifierDigest.prefix(12))…, "
                    + "this model is \(digest.prefix(12))…"
            ]
        }
        let rationale = RationaleWords(words: words, query: query)
        guard let again = try classifier.classify([rationale], workers: workers)[0] else {
            return ["words: the certificate holds no word that can be read"]
        }
        var differences: [String] = []
        let agree =
            logits.count == again.logits.count
            && zip(logits, again.logits).allSatisfy { abs($0 - $1) <= tolerance }
        if !agree {
            differences.append(
                "logits: the certificate has \(logits), these words give \(again.logits)")
        }
        let own = again.labels.firstIndex { $0.utf8.elementsEqual(label.utf8) }
        // Logits that lie apart within the tolerance may give another label.
        if own.map({ again.logits[again.index] - again.logits[$0] > 2 * tolerance }) ?? true {
            differences.append(
                "label: the certificate has \"\(label)\", these words give \"\(again.label)\"")
        } else if agree, logits.indexOfLargest != own {
            differences.append(
                "label: the certificate has \"\(label)\", which is not that of its largest logit")
        }
        return differences
    }
}
