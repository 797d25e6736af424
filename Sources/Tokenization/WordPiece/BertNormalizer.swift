/// BERT's normalisation, scalar by scalar, keeping track of the original bytes.
///
/// The steps and their order are those of Hugging Face's `BertNormalizer`: cleaning, spaces around
/// ideographs, canonical decomposition without non-spacing marks, lower case. A scalar that a step
/// adds stands for the bytes of the one before it; the bytes of a removed one belong to nothing.
package struct BertNormalizer: Sendable, Equatable {
    /// Whether control characters are left out, and other white space becomes spaces.
    package var cleansText = true
    /// Whether spaces stand around ideographs.
    package var separatesIdeographs = true
    /// Whether marks such as accents are left out.
    package var stripsAccents = true
    /// Whether capitals become small.
    package var lowercases = true

    /// Buffers that are used again from one call to the next.
    struct Workspace {
        /// The result of `normalize`.
        fileprivate(set) var scalars: [AlignedScalar] = []
        fileprivate var next: [AlignedScalar] = []
        fileprivate var pending: [Decomposed] = []
    }

    /// A scalar on its way through canonical ordering.
    fileprivate struct Decomposed {
        let value: UInt32
        let rank: UInt8
        /// Whether it is the second or a later part of a decomposition.
        let isInserted: Bool
        let order: Int
    }

    /// Normalises `bytes[range]`, which must begin and end between scalars.
    func normalize(
        _ bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>,
        into workspace: inout Workspace
    ) {
        let properties = ScalarProperties.shared
        workspace.scalars.removeAll(keepingCapacity: true)
        var position = range.lowerBound
        while position < range.upperBound {
            var scalar = decodeScalar(in: bytes, at: position)
            let classes = properties[scalar.value]
            position = scalar.end
            if cleansText {
                if classes.contains(.dropped) { continue }
                if classes.contains(.whitespace) { scalar.value = 0x20 }
            }
            if separatesIdeographs && classes.contains(.ideograph) {
                let space = AlignedScalar(value: 0x20, start: scalar.start, end: scalar.end)
                workspace.scalars.append(contentsOf: [space, scalar, space])
            } else {
                workspace.scalars.append(scalar)
            }
        }
        if stripsAccents { stripAccents(in: &workspace, properties) }
        if lowercases { lowercase(in: &workspace, properties) }
    }

    private func stripAccents(in workspace: inout Workspace, _ properties: ScalarProperties) {
        workspace.next.removeAll(keepingCapacity: true)
        var source = 0
        for scalar in workspace.scalars {
            var isInserted = false
            properties.forEachDecomposed(of: scalar.value) { part in
                let rank = properties.combiningRank(of: part)
                if rank == 0 && !workspace.pending.isEmpty {
                    flush(&workspace, &source, properties)
                }
                let decomposed = Decomposed(
                    value: part, rank: rank, isInserted: isInserted,
                    order: workspace.pending.count)
                if rank == 0 {
                    emit(decomposed, &workspace, &source, properties)
                } else {
                    workspace.pending.append(decomposed)
                }
                isInserted = true
            }
        }
        flush(&workspace, &source, properties)
        swap(&workspace.scalars, &workspace.next)
    }

    /// Puts the marks that follow a starter into canonical order (a stable sort by class).
    private func flush(
        _ workspace: inout Workspace, _ source: inout Int, _ properties: ScalarProperties
    ) {
        if workspace.pending.count > 1 {
            workspace.pending.sort { ($0.rank, $0.order) < ($1.rank, $1.order) }
        }
        for index in workspace.pending.indices {
            emit(workspace.pending[index], &workspace, &source, properties)
        }
        workspace.pending.removeAll(keepingCapacity: true)
    }

    /// Takes the original scalars in their own order, as the reference does, even where canonical
    /// ordering has moved the marks.
    private func emit(
        _ decomposed: Decomposed, _ workspace: inout Workspace, _ source: inout Int,
        _ properties: ScalarProperties
    ) {
        if !decomposed.isInserted { source += 1 }
        if properties[decomposed.value].contains(.mark) { return }
        let original = workspace.scalars[max(source - 1, 0)]
        workspace.next.append(
            AlignedScalar(value: decomposed.value, start: original.start, end: original.end))
    }

    private func lowercase(in workspace: inout Workspace, _ properties: ScalarProperties) {
        workspace.next.removeAll(keepingCapacity: true)
        for scalar in workspace.scalars {
            properties.forEachLowercase(of: scalar.value) {
                workspace.next.append(
                    AlignedScalar(value: $0, start: scalar.start, end: scalar.end))
            }
        }
        swap(&workspace.scalars, &workspace.next)
    }
}
