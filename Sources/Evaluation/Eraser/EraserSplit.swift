import Datasets

/// An ERASER split to measure results against: human annotations and the documents they are about.
///
///     let split = try EraserSplit(annotations: "movies/val.jsonl", documents: "movies/docs")
///     let scores = try split.score(EraserResult.read(path: "predictions.jsonl"))
///     print(scores.tokens?.macro.f1 ?? 0)
///
/// Source: DeYoung et al., *ERASER: A Benchmark to Evaluate Rationalized NLP Models*, ACL 2020.
public struct EraserSplit: Sendable {
    let annotations: [EraserAnnotation]
    let documents: EraserDocumentSizes
    /// The annotations' file, for errors.
    let name: String

    /// How many annotations there are.
    public var count: Int { annotations.count }

    /// How many of them have no evidence, so that no rationale can be held against it.
    public var withoutEvidence: Int { annotations.count { $0.evidences.isEmpty } }

    /// The classes that annotations have, sorted.
    public var labels: [String] { Set(annotations.map(\.classification)).sorted() }

    /// Reads a split; of the documents those are read that evidence lies in.
    ///
    /// - Parameters:
    ///   - annotations: a file of JSON lines, such as `val.jsonl`.
    ///   - documents: the folder of the documents, or the file `docs.jsonl` of all of them.
    /// - Throws: ``DatasetError`` about the first thing that is missing or not what it should be.
    public init(annotations: String, documents: String) throws(DatasetError) {
        self.documents = try EraserDocumentSizes(path: documents)
        self.annotations = try EraserAnnotation.read(annotations, documents: self.documents)
        name = annotations
    }

    /// Looks for everything that `metrics.py --strict` refuses, and for what it would stumble over.
    ///
    /// - Parameters:
    ///   - results: one for each annotation, in any order.
    ///   - requiresClassification: whether each must have a classification and its scores, as
    ///     `--strict` wants it.
    public func verify(
        _ results: [EraserResult], requiresClassification: Bool = true
    ) -> EraserFlaws {
        var verification = EraserVerification(split: self)
        verification.check(results, requiresClassification: requiresClassification)
        return verification.flaws
    }

    /// Verifies results and scores them.
    ///
    /// - Parameters:
    ///   - results: one for each annotation, in any order.
    ///   - requiresClassification: whether results without classification are refused.
    /// - Throws: ``EraserFlaws``.
    public func score(
        _ results: [EraserResult], requiresClassification: Bool = false
    ) throws(EraserFlaws) -> EraserScores {
        let flaws = verify(results, requiresClassification: requiresClassification)
        guard flaws.isEmpty else { throw flaws }
        return EraserScores(split: self, results: results)
    }
}
