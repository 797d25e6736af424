import Tensors

/// One thing to measure.
package struct BenchmarkCase: Sendable, Hashable {
    /// What is done.
    package enum Workload: String, Sendable, CaseIterable {
        /// Texts to tokens.
        case tokenize
        /// Documents to the last hidden states of all their tokens, in any order.
        case encode
        /// Each document alone, to its logits.
        case latency
        /// The support model's training steps over all documents: forward with dropout, backward,
        /// clipping, AdamW.
        case train
    }

    /// What is done.
    package let workload: Workload
    /// What linear layers multiply; nothing for `tokenize`.
    package let precision: Precision?
    /// How many threads work.
    package let threads: Int

    /// A case; `precision` is nil for `tokenize` and only there.
    package init(_ workload: Workload, precision: Precision?, threads: Int) {
        precondition((precision == nil) == (workload == .tokenize), "only passes have a precision")
        self.workload = workload
        self.precision = precision
        self.threads = threads
    }
}

/// How long a case took, and what the time went to.
package struct BenchmarkMeasurements: Sendable {
    /// What was measured.
    package let measured: BenchmarkCase
    /// How many documents there are.
    package let documents: Int
    /// How many tokens they have, special ones included.
    package let tokens: Int
    /// Seconds of each repetition: one pass over all documents.
    package private(set) var seconds: [Double] = []
    /// Seconds of each document alone, in all repetitions; for `latency`.
    private var documentSeconds: [Double] = []
    /// Seconds by kind of work, summed over workers and repetitions.
    private var work = [Double](repeating: 0, count: Work.allCases.count)
    private var operations = 0.0

    init(_ measured: BenchmarkCase, documents: Int, tokens: Int) {
        self.measured = measured
        self.documents = documents
        self.tokens = tokens
    }

    mutating func add(seconds: Double, documents: [Double], _ profile: WorkProfile) {
        self.seconds.append(seconds)
        documentSeconds += documents
        for kind in Work.allCases { work[kind.rawValue] += profile[kind] }
        operations += profile.operations
    }

    /// Tokens a second in the median repetition.
    package var tokensPerSecond: Double { Double(tokens) / Self.median(seconds) }

    /// 10⁹ floating-point operations of products and attention a second, in the median repetition;
    /// nil where there are none by nature.
    package var gigaflops: Double? {
        guard measured.workload != .tokenize else { return nil }
        return operations / Double(seconds.count) / Self.median(seconds) / 1e9
    }

    /// The share of the workers' time that a kind of work took; nil for `tokenize`.
    package func share(_ kind: Work) -> Double? {
        guard measured.workload != .tokenize else { return nil }
        return work[kind.rawValue] / (Double(measured.threads) * seconds.reduce(0, +))
    }

    /// The share of the workers' time between kernels, and of waiting for one another.
    package var shareOfRest: Double? {
        guard measured.workload != .tokenize else { return nil }
        return max(0, 1 - Work.allCases.reduce(0) { $0 + (share($1) ?? 0) })
    }

    /// Milliseconds of the median document alone; nil but for `latency`.
    package var millisecondsPerDocument: Double? {
        documentSeconds.isEmpty ? nil : Self.median(documentSeconds) * 1e3
    }

    /// The middle value, or the mean of the two in the middle.
    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
