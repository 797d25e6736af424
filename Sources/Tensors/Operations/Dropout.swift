import CKernels

/// A dropout of the network: which, how likely, and the keys of the rows that it acts on.
///
/// A mask is a function of (row key, site, column) alone. A row key is made from the seed, the
/// step, the document and the token's position, so masks depend on neither threads nor batches.
package struct Dropout: Sendable {
    let keys: [UInt64]
    let site: UInt32
    let probability: Float

    /// - Parameters:
    ///   - keys: one for each row.
    ///   - site: a number of its own for every dropout of the network, below 65,536.
    ///   - probability: of dropping an element, in [0, 1).
    package init?(keys: [UInt64]?, site: Int, probability: Float) {
        precondition(probability >= 0 && probability < 1 && site >= 0 && site < 65_536)
        guard let keys, probability > 0 else { return nil }
        self.keys = keys
        self.site = UInt32(site)
        self.probability = probability
    }

    /// A key for a token of a document in a step of a training run (splitmix64's finaliser over all
    /// four).
    package static func rowKey(seed: UInt64, step: Int, document: Int, position: Int) -> UInt64 {
        var key = seed
        for part in [step, document, position] {
            key = (key ^ UInt64(truncatingIfNeeded: part)) &+ 0x9E37_79B9_7F4A_7C15
            key = (key ^ (key >> 30)) &* 0xBF58_476D_1CE4_E5B9
            key = (key ^ (key >> 27)) &* 0x94D0_49BB_1331_11EB
            key ^= key >> 31
        }
        return key
    }
}

extension Optional<Dropout> {
    /// The kernels' form of it, with keys from row `first` on.
    func withKernel<Result>(from first: Int = 0, _ body: (warrant_dropout) -> Result) -> Result {
        guard let dropout = self else {
            return body(warrant_dropout(row_keys: nil, site: 0, probability: 0))
        }
        return dropout.keys.withUnsafeBufferPointer { keys in
            body(
                warrant_dropout(
                    row_keys: keys.baseAddress.map { $0 + first }, site: dropout.site,
                    probability: dropout.probability))
        }
    }
}

extension Tape {
    /// Dropout of `x` [rows, columns] (Srivastava et al. 2014): x · mask / (1 - probability).
    ///
    /// - Parameters:
    ///   - x: [rows, columns].
    ///   - dropout: nil: the result is `x` itself.
    ///   - inPlace: the result takes the place of `x`'s value, which nothing may read any more, and
    ///     the gradient of `x` that of the result.
    package func dropout(_ x: Variable, _ dropout: Dropout?, inPlace: Bool = false) -> Variable {
        guard let dropout else { return x }
        let (rows, columns) = (x.rows, x.columns)
        precondition(dropout.keys.count == rows, "a row key for every row")
        let y = Variable(inPlace ? x.take() : copy(x.value))

        func apply(to values: UnsafeMutablePointer<Float>, on worker: Worker) {
            worker.measure(.elementwise) {
                Optional(dropout).withKernel { warrant_dropout_apply(values, rows, columns, $0) }
            }
        }
        apply(to: y.value.pointer, on: worker)
        record { tape in
            guard let dy = y.gradient else { return }
            if inPlace && x.gradient == nil {
                apply(to: dy.pointer, on: tape.worker)
                x.gradient = dy
                return
            }
            tape.contribute(to: x) {
                $0.update(from: dy.pointer, count: dy.count)
                apply(to: $0, on: tape.worker)
            }
        }
        return y
    }
}
