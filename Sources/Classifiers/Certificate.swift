import Encoders
import Rationales
import Tensors

/// What a prediction was made from and by: enough to make it again from these words alone.
public struct Certificate: Sendable, Equatable, Codable {
    /// The certificate's format.
    public static let currentVersion = 1

    /// The format that this certificate is in.
    public var version: Int
    /// SHA-256 over the classifier's files (`FileDigests.stage`).
    public var classifierDigest: String
    /// oneDNN's version and the instruction set that computed the logits.
    public var engine: String
    /// All that the classifier saw of the document, in document order.
    public var words: [String]
    /// The query that it saw, where the task has one.
    public var query: String?
    /// One logit for each class.
    public var logits: [Float]
    /// The predicted class.
    public var label: String

    enum CodingKeys: String, CodingKey {
        case version, engine, words, query, logits, label
        case classifierDigest = "classifier_sha256"
    }

    /// A certificate for a prediction that `classifierDigest`'s classifier made from `rationale`.
    public init(_ prediction: Prediction, of rationale: RationaleWords, classifierDigest: String) {
        version = Self.currentVersion
        engine = Engine.description
        words = rationale.words
        query = rationale.query
        logits = prediction.logits
        label = prediction.label
        self.classifierDigest = classifierDigest
    }

    /// How far logits may lie apart that other hardware, or another oneDNN, computed. On the same
    /// engine they must be equal bit for bit.
    public static let toleranceAcrossEngines: Float = 1e-3

    /// Whether these logits were computed by the engine at hand, so that they must be equal bit for
    /// bit. Certificates of other engines are compared within `toleranceAcrossEngines`.
    public var isFromThisEngine: Bool { engine == Engine.description }

    /// Makes the prediction again from the certificate's words, and says what differs.
    ///
    /// - Parameter digest: of the classifier at hand.
    /// - Returns: one line for each difference; none when the certificate holds.
    public func differences(
        from classifier: RationaleClassifier, digest: String, workers: Workers
    ) throws -> [String] {
        guard version == Self.currentVersion else {
            return ["version: the certificate has \(version), expected \(Self.currentVersion)"]
        }
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
        let tolerance = isFromThisEngine ? 0 : Self.toleranceAcrossEngines
        let agree =
            logits.count == again.logits.count
            && zip(logits, again.logits).allSatisfy { abs($0 - $1) <= tolerance }
        if !agree {
            differences.append(
                "logits: the certificate has \(logits), these words give \(again.logits)")
        }
        if !label.utf8.elementsEqual(again.label.utf8) {
            differences.append(
                "label: the certificate has \"\(label)\", these words give \"\(again.label)\"")
        }
        return differences
    }
}
