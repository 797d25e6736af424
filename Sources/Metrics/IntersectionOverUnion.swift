/// Agreement of spans that need not be the same: a predicted span is a hit when the tokens that it
/// shares with some human span are at least a share `threshold` of those that either holds.
///
/// Two properties of ERASER's definition are kept here, since its figures depend on them. Each
/// predicted span is held against the human span that it fits best, and several may fit the same
/// one: at a threshold of 0.5 two halves of one human span are two hits, and recall can exceed 1.
/// And the macro average takes precision over the documents with a prediction, recall over those
/// with a human span, and F1 as the harmonic mean of these two averages.
///
/// Source: DeYoung et al., ACL 2020, section 4.1 ("IOU F1"); `partial_match_score` in ERASER's
/// `metrics.py`.
public struct IntersectionOverUnion: Sendable, Hashable {
    /// The least share that makes a hit.
    public let threshold: Double

    /// Averages over documents.
    public let macro: PrecisionRecall

    /// Ratios of sums over all documents.
    public let micro: PrecisionRecall

    /// Matches spans document by document.
    ///
    /// - Parameters:
    ///   - pairs: one a document.
    ///   - threshold: the least share that makes a hit, above 0 and at most 1.
    /// - Complexity: O(n log n) a document of n spans, and what overlaps.
    package init(_ pairs: [RationalePair], threshold: Double = 0.5) {
        precondition(threshold > 0 && threshold <= 1, "a share above 0 and at most 1")
        let documents = pairs.map { pair in
            let gold = Set(pair.gold).sorted { $0.lowerBound < $1.lowerBound }
            let predicted = Set(pair.predicted)
            let hits = predicted.count { span in
                // What begins so far before a span that it must be too long to fit is passed over.
                let reach = Double(span.count) * (1 / threshold - 1)
                let first = gold.firstIndex(notBelow: Double(span.lowerBound) - reach)
                return gold[first...].prefix { $0.lowerBound < span.upperBound }.contains {
                    Self.share(span, $0) >= threshold
                }
            }
            return (hits: hits, predicted: predicted.count, gold: gold.count)
        }
        self.threshold = threshold
        micro = PrecisionRecall(
            hits: documents.reduce(0) { $0 + $1.hits },
            predicted: documents.reduce(0) { $0 + $1.predicted },
            gold: documents.reduce(0) { $0 + $1.gold })
        let precisions = documents.filter { $0.predicted > 0 }.map {
            Double($0.hits) / Double($0.predicted)
        }
        let recalls = documents.filter { $0.gold > 0 }.map { Double($0.hits) / Double($0.gold) }
        macro = PrecisionRecall(
            precision: meanOrNil(precisions) ?? 0, recall: meanOrNil(recalls) ?? 0)
    }

    /// |a ∩ b| / |a ∪ b|, or 0 when both are empty.
    static func share(_ first: Range<Int>, _ second: Range<Int>) -> Double {
        let shared = first.clamped(to: second).count
        let either = first.count + second.count - shared
        return either == 0 ? 0 : Double(shared) / Double(either)
    }
}

extension [Range<Int>] {
    /// The first of ranges in order of their beginnings that does not begin before a place.
    fileprivate func firstIndex(notBelow place: Double) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if Double(self[middle].lowerBound) < place { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
