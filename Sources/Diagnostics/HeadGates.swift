import Encoders
import Tensors

/// Multiplies the output of each attention head by a gate, before the heads are projected together,
/// and gives the gradient with respect to each gate (Michel, Levy & Neubig 2019, section 2.2).
///
/// With all gates 1 the pass is as without them, and the mean over texts of the gradients' absolute
/// values is the heads' importance. A gate of 0 takes its head out.
package final class HeadGates: Probe {
    private let gates: [[Float]]
    /// Each layer's heads' outputs, before and after the gates.
    private var outputs: [Int: (ungated: Variable, gated: Variable)] = [:]

    /// - Parameter gates: for each layer a factor for each head.
    package init(_ gates: [[Float]]) { self.gates = gates }

    /// Gates that are all 1.
    package convenience init(layers: Int, heads: Int) {
        self.init(Array(repeating: Array(repeating: 1, count: heads), count: layers))
    }

    /// The outputs of all layers' heads.
    package var points: Set<ProbePoint> { Set(gates.indices.map { .headOutputs(layer: $0) }) }

    /// Each head's columns multiplied by its gate.
    package func replacement(
        of point: ProbePoint, _ x: Variable, _ batch: PackedBatch, on tape: Tape
    ) -> Variable {
        guard case .headOutputs(let layer) = point else { return x }
        let factors = gates[layer]
        precondition(x.columns % factors.count == 0, "a gate for each head")
        let size = x.columns / factors.count
        let row = factors.flatMap { Array(repeating: $0, count: size) }
        let gated = tape.elementwiseProduct(
            x,
            Variable(
                Tensor(
                    Array(repeating: row, count: x.rows).flatMap { $0 }, rows: x.rows,
                    columns: x.columns)))
        outputs[layer] = (x, gated)
        return gated
    }

    /// After a backward pass, the gradient of its output with respect to each gate:
    /// Σ over a document's tokens and a head's columns of output · gradient.
    ///
    /// - Returns: [documents][layers][heads]; 0 where the backward pass did not come.
    package func gradients(_ batch: PackedBatch) -> [[[Double]]] {
        (0..<batch.count).map { document in
            gates.indices.map { layer in
                let heads = gates[layer].count
                guard let (ungated, gated) = outputs[layer], let gradient = gated.gradient else {
                    return Array(repeating: 0, count: heads)
                }
                let rows =
                    ungated.rows == batch.tokens
                    ? batch.range(document) : document..<(document + 1)
                let size = ungated.columns / heads
                return (0..<heads).map { head in
                    rows.reduce(0) { sum, row in
                        (head * size..<(head + 1) * size).reduce(sum) {
                            $0 + Double(ungated.value[row, $1]) * Double(gradient[row, $1])
                        }
                    }
                }
            }
        }
    }
}
