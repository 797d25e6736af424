import Datasets
import Rationales

/// What a model says of one ERASER annotation: a line of a result file.
///
///     let result = EraserResult(
///         annotationID: "negR_800.txt",
///         rationales: [.init(docid: "negR_800.txt", hard: [.init(3..<7)])],
///         classification: "NEG", classificationScores: ["NEG": 0.75, "POS": 0.25])
///     print(result.line)
///
/// Nothing is checked on the way in: `EraserSplit.verify` does so with the documents at hand.
///
/// Source: the format that the help of ERASER's `metrics.py` describes (DeYoung et al., ACL 2020).
public struct EraserResult: Sendable, Hashable {
    /// Tokens of a document, from the first to the one after the last.
    public struct Span: Sendable, Hashable {
        /// The first token.
        public var startToken: Int

        /// The token after the last.
        public var endToken: Int

        /// A span from its ends, whatever they are.
        public init(startToken: Int, endToken: Int) {
            self.startToken = startToken
            self.endToken = endToken
        }

        /// A range of tokens.
        public init(_ tokens: Range<Int>) {
            self.init(startToken: tokens.lowerBound, endToken: tokens.upperBound)
        }
    }

    /// What was selected in one document.
    public struct Rationale: Sendable, Hashable {
        /// The document's name.
        public var docid: String

        /// The selected spans; nil where the model gives none for any document.
        public var hard: [Span]?

        /// A score for each token.
        public var soft: [Double]?

        /// A score for each sentence.
        public var softSentences: [Double]?

        /// A document's rationale.
        public init(
            docid: String, hard: [Span]? = nil, soft: [Double]? = nil,
            softSentences: [Double]? = nil
        ) {
            self.docid = docid
            self.hard = hard
            self.soft = soft
            self.softSentences = softSentences
        }
    }

    /// The model's answers when the share `threshold` of the tokens with the highest scores is taken
    /// away, and when only they are kept.
    public struct Thresholded: Sendable, Hashable {
        /// The share of tokens, 0 to 1.
        public var threshold: Double

        /// The classes' probabilities without those tokens.
        public var comprehensiveness: [String: Double]

        /// The classes' probabilities from those tokens alone.
        public var sufficiency: [String: Double]

        /// Answers at a threshold.
        public init(
            threshold: Double, comprehensiveness: [String: Double], sufficiency: [String: Double]
        ) {
            self.threshold = threshold
            self.comprehensiveness = comprehensiveness
            self.sufficiency = sufficiency
        }
    }

    /// The annotation that this is about.
    public var annotationID: String

    /// One entry a document.
    public var rationales: [Rationale]

    /// The predicted class.
    public var classification: String?

    /// The classes' probabilities.
    public var classificationScores: [String: Double]?

    /// The classes' probabilities without the rationale.
    public var comprehensivenessScores: [String: Double]?

    /// The classes' probabilities from the rationale alone.
    public var sufficiencyScores: [String: Double]?

    /// The classes' probabilities at several thresholds.
    public var thresholdedScores: [Thresholded]?

    /// Where the result stands; not part of the file.
    public var location = SourceLocation(file: "results")

    /// A result from its parts.
    public init(
        annotationID: String, rationales: [Rationale], classification: String? = nil,
        classificationScores: [String: Double]? = nil,
        comprehensivenessScores: [String: Double]? = nil,
        sufficiencyScores: [String: Double]? = nil, thresholdedScores: [Thresholded]? = nil
    ) {
        self.annotationID = annotationID
        self.rationales = rationales
        self.classification = classification
        self.classificationScores = classificationScores
        self.comprehensivenessScores = comprehensivenessScores
        self.sufficiencyScores = sufficiencyScores
        self.thresholdedScores = thresholdedScores
    }
}

extension KeyedDecodingContainer {
    /// A field that may be missing, but not null: ERASER's `metrics.py` takes null for the value.
    fileprivate func optional<Value: Decodable>(_ key: Key) throws -> Value? {
        contains(key) ? try decode(Value.self, forKey: key) : nil
    }
}

extension EraserResult: Decodable {
    private enum CodingKeys: String, CodingKey {
        case annotationID = "annotation_id"
        case rationales, classification
        case classificationScores = "classification_scores"
        case comprehensivenessScores = "comprehensiveness_classification_scores"
        case sufficiencyScores = "sufficiency_classification_scores"
        case thresholdedScores = "thresholded_scores"
    }

    /// Reads a line of a result file.
    ///
    /// - Throws: `DecodingError` for a field that is missing or of another type, null included.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        annotationID = try fields.decode(String.self, forKey: .annotationID)
        rationales = try fields.decode([Rationale].self, forKey: .rationales)
        classification = try fields.optional(.classification)
        classificationScores = try fields.optional(.classificationScores)
        comprehensivenessScores = try fields.optional(.comprehensivenessScores)
        sufficiencyScores = try fields.optional(.sufficiencyScores)
        thresholdedScores = try fields.optional(.thresholdedScores)
    }
}

extension EraserResult.Span: Decodable {
    private enum CodingKeys: String, CodingKey {
        case startToken = "start_token"
        case endToken = "end_token"
    }
}

extension EraserResult.Rationale: Decodable {
    private enum CodingKeys: String, CodingKey {
        case docid
        case hard = "hard_rationale_predictions"
        case soft = "soft_rationale_predictions"
        case softSentences = "soft_sentence_predictions"
    }

    /// Reads one document's entry.
    ///
    /// - Throws: `DecodingError` for a field that is missing or of another type, null included.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        docid = try fields.decode(String.self, forKey: .docid)
        hard = try fields.optional(.hard)
        soft = try fields.optional(.soft)
        softSentences = try fields.optional(.softSentences)
    }
}

extension EraserResult.Thresholded: Decodable {
    private enum CodingKeys: String, CodingKey {
        case threshold
        case comprehensiveness = "comprehensiveness_classification_scores"
        case sufficiency = "sufficiency_classification_scores"
    }
}
