import Rationales
import Tensors

/// A record of a prediction that is enough to make it again: what was read, by which classifier, how,
/// and what came out.
public struct Certificate: Sendable, Equatable, Codable {
    /// The format that this package writes. Version 3 names how the classifier reads, and its digest
    /// covers that; version 2 named the precision; version 1 meant float32.
    package static let currentVersion = 3

    /// The certificate's format.
    public var version: Int
    /// SHA-256 over the classifier's files and its reading (`ClassifierIdentity.digest`); in versions
    /// 1 and 2 over the files alone.
    public var classifierDigest: String
    /// How the classifier reads; nil in versions 1 and 2.
    public var reading: ClassifierReading?
    /// What equal bits depend on where the logits were computed (`Engine.description`).
    public var engine: String
    /// What products were computed in.
    public var precision: Precision
    /// All that the classifier read of the document, in document order.
    public var words: [String]
    /// The query that the classifier read, where the task has one.
    public var query: String?
    /// One logit for each class.
    public var logits: [Float]
    /// The predicted class.
    public var label: String

    enum CodingKeys: String, CodingKey {
        case version, reading, engine, precision, words, query, logits, label
        case classifierDigest = "classifier_sha256"
    }

    /// A certificate for a prediction that a classifier made on this machine.
    package init(
        _ prediction: Prediction, of rationale: RationaleWords, by classifier: ClassifierIdentity,
        precision: Precision
    ) {
        version = Self.currentVersion
        engine = Engine.description
        words = rationale.words
        query = rationale.query
        logits = prediction.logits
        label = prediction.label
        classifierDigest = classifier.digest
        reading = classifier.reading
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
        reading =
            version < 3 ? nil : try values.decode(ClassifierReading.self, forKey: .reading)
    }

    /// The certificate's precision where this CPU has it, float32 elsewhere: in which the prediction is
    /// made again.
    package var usablePrecision: Precision { Precision.hasFastBF16 ? precision : .fp32 }
}
