import Tensors

/// Which precision a model answers in.
public enum PrecisionChoice: String, Sendable, CaseIterable {
    /// float32.
    case fp32
    /// bfloat16 where this CPU has instructions for it, float32 elsewhere.
    case bf16
    /// bfloat16 where this CPU has instructions for it and the model's scores were seen not to
    /// move (`PrecisionRecord.isHarmless`), float32 elsewhere.
    case auto

    /// The choice of one precision.
    package init(_ precision: Precision) { self = precision == .bf16 ? .bf16 : .fp32 }

    /// The precision to use.
    ///
    /// - Parameter record: what is known of the model; nil: nothing.
    package func resolved(_ record: PrecisionRecord? = nil) -> Precision {
        guard Precision.hasFastBF16 else { return .fp32 }
        return switch self {
        case .fp32: .fp32
        case .bf16: .bf16
        case .auto: record?.isHarmless == true ? .bf16 : .fp32
        }
    }

    /// What to tell a person whose wish this CPU cannot fulfil; nil where it can.
    package var notice: String? {
        self == .bf16 && !Precision.hasFastBF16
            ? "this CPU (or this oneDNN) has no bf16 instructions: computing in fp32" : nil
    }
}

/// How a model's predictions of the same documents score in either precision.
public struct PrecisionRecord: Codable, Sendable, Equatable {
    /// How many documents of the development set were classified, rationales included.
    public var documents: Int
    /// Macro-F1 in float32.
    public var fp32: Double
    /// Macro-F1 in bfloat16.
    public var bf16: Double

    enum CodingKeys: String, CodingKey {
        case documents
        case fp32 = "fp32_macro_f1"
        case bf16 = "bf16_macro_f1"
    }

    /// A record of both scores.
    package init(documents: Int, fp32: Double, bf16: Double) {
        self.documents = documents
        self.fp32 = fp32
        self.bf16 = bf16
    }

    /// How far macro-F1 may move.
    package static let tolerance = 0.005

    /// The fewest documents that tell whether it moves: of fewer, even one that is classified
    /// otherwise moves accuracy by more than half a point, and none says little.
    package static let fewestDocuments = 200

    /// Whether bfloat16 was seen to leave the score where it is: within half a point, on at least
    /// `fewestDocuments`.
    package var isHarmless: Bool {
        documents >= Self.fewestDocuments && abs(fp32 - bf16) <= Self.tolerance
    }
}
