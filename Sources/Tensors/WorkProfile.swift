/// The kinds of work that a pass is made of.
package enum Work: Int, Sendable, CaseIterable {
    /// Matrix products of linear layers.
    case products
    /// Attention: its products and softmax.
    case attention
    /// Everything else that runs over a pass's values: LayerNorm, GELU, embeddings, dropout.
    case elementwise
    /// Sums over shards, the gradient's norm, AdamW.
    case optimizer
}

/// What workers spent their time on.
package struct WorkProfile: Sendable, Equatable {
    /// Seconds by kind of work (`Work.rawValue`), summed over workers.
    package private(set) var seconds = [Double](repeating: 0, count: Work.allCases.count)
    /// Floating-point operations in products and attention; a multiply-add is two.
    package private(set) var operations = 0.0

    /// Nothing yet.
    package init() {}

    /// Seconds in one kind of work.
    package subscript(work: Work) -> Double { seconds[work.rawValue] }

    mutating func add(_ work: Work, seconds: Double, operations: Double) {
        self.seconds[work.rawValue] += seconds
        self.operations += operations
    }

    static func + (a: WorkProfile, b: WorkProfile) -> WorkProfile {
        var sum = a
        for work in Work.allCases { sum.add(work, seconds: b[work], operations: 0) }
        sum.operations += b.operations
        return sum
    }
}
