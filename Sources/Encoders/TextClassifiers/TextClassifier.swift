import Tensors
import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A classifier of texts, or of pairs of a query and a text: what a support model and a classifier
/// of rationales are, and what scorers explain.
///
/// ``SequenceClassifier`` is one, a transformer whose [CLS] state a head reads. A query and its
/// text come as one document, told apart by segments or by the separators between them.
public protocol TextClassifier: AnyObject, Sendable {
    /// What is known of the model without its weights.
    associatedtype Configuration: ClassifierConfiguration

    /// The model's shape.
    var configuration: Configuration { get }
    /// The classes' names by index; softmax of the logits gives the classes' probabilities.
    var labels: [String] { get }

    /// Each document's logits [classes]. A document's logits do not depend on the others or on the
    /// number of threads.
    func logits(_ documents: [TokenizedDocument], workers: Workers) -> [[Float]]

    /// What `body` makes of each document's number and trace, by a pass without dropout. Traces may
    /// be large: there are no more of them at a time than a pass over a shard makes.
    ///
    /// - Parameters:
    ///   - wanted: quantities that the configuration `handsOut`.
    ///   - pass: what gradients are taken of, and what is replaced in the pass.
    /// - Precondition: ids, segments and lengths are within the configuration's limits.
    func trace<Result: Sendable>(
        _ documents: [TokenizedDocument], _ wanted: Set<TraceQuantity>, _ pass: TracedPass,
        workers: Workers, _ body: @Sendable (Int, Trace) -> Result
    ) -> [Result]

    /// Writes `config.json` and `model.safetensors` into `folder`, which must exist. Tokenizer
    /// files are the tokenizer's business.
    ///
    /// - Throws: a `DescribedError` about a file that cannot be written.
    func save(to folder: URL, as format: FloatFormat) throws
}

extension TextClassifier {
    /// What was asked for of each document, by a pass without dropout.
    ///
    /// - Precondition: ids, segments and lengths are within the configuration's limits.
    public func trace(
        _ documents: [TokenizedDocument], _ wanted: Set<TraceQuantity>, workers: Workers
    ) -> [Trace] {
        trace(documents, wanted, TracedPass(), workers: workers) { $1 }
    }

    /// What `body` makes of each document's number and trace.
    ///
    /// - Parameters:
    ///   - differentiation: what gradients are taken of; classes are below `labels.count`.
    ///   - probe: makes the probe of a pass over the documents of these numbers, which replaces values
    ///     of the pass; its document 0 is the first of them. Nil: values stay as they are.
    package func trace<Result: Sendable>(
        _ documents: [TokenizedDocument], _ wanted: Set<TraceQuantity>,
        _ differentiation: Differentiation = Differentiation(),
        probe: (@Sendable (Range<Int>) -> any Probe)? = nil, workers: Workers,
        _ body: @Sendable (Int, Trace) -> Result
    ) -> [Result] {
        trace(
            documents, wanted, TracedPass(differentiation, probe: probe), workers: workers, body)
    }

    /// Each document's logits [classes]: the mean over its chunks.
    package func logits(_ documents: [ChunkedDocument], workers: Workers) -> [[Float]] {
        let chunks = logits(documents.flatMap(\.chunks), workers: workers)
        return Logits.means(chunks, counts: documents.map(\.chunks.count))
    }
}

/// Numbers that classifiers give.
package enum Logits {
    /// Complains about logits or scores that are not numbers, which damaged weights give.
    ///
    /// - Parameter model: whose they are, for the error.
    /// - Throws: `EncoderError`.
    package static func check(_ logits: [Float], of model: String) throws {
        guard logits.allSatisfy(\.isFinite) else {
            throw EncoderError.invalid(
                model,
                "gives logits or word scores that are not finite; its weights are damaged: train again"
            )
        }
    }

    /// The means of consecutive rows, `counts[i]` of them in the i-th group. A single row stays as
    /// it is.
    package static func means(_ rows: [[Float]], counts: [Int]) -> [[Float]] {
        var start = 0
        return counts.map { count in
            defer { start += count }
            if count == 1 { return rows[start] }
            return rows[start].indices.map { column in
                let sum = rows[start..<(start + count)].reduce(0) { $0 + Double($1[column]) }
                return Float(sum / Double(count))
            }
        }
    }
}
