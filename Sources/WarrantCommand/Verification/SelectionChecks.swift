import Warrant

/// Makes selections again from their texts, and compares them with certified lines.
struct SelectionChecks {
    private let model: RationaleModel
    private let workers: [Precision: Workers]

    init(_ model: RationaleModel, threads: Int) {
        self.model = model
        workers = Dictionary(
            uniqueKeysWithValues: Precision.available.map {
                ($0, Workers(threads: threads, precision: $0))
            })
    }

    /// What differs between each line's words and those that the model selects; nil: nothing.
    ///
    /// Selections are made in the precision that the certificate names, where this CPU has it. On
    /// another engine than the certificate's a score may be rounded otherwise, and so another word be
    /// selected; that cannot be told from another selection, and so is a difference too.
    ///
    /// - Parameter pairs: lines with a certificate, each with its row.
    func differences(_ pairs: [(line: CertifiedLine, row: Example)]) throws -> [String?] {
        var found = [String?](repeating: nil, count: pairs.count)
        let precisions = Set(pairs.compactMap { $0.line.certificate?.usablePrecision })
        for precision in precisions {
            guard let workers = workers[precision] else { continue }
            let indices = pairs.indices.filter {
                pairs[$0].line.certificate?.usablePrecision == precision
            }
            let extractions = try model.extract(
                indices.map { pairs[$0].row.document }, workers: workers)
            for (index, extraction) in zip(indices, extractions) {
                found[index] = difference(pairs[index].line, extraction?.rationale)
            }
        }
        return found
    }

    private func difference(_ line: CertifiedLine, _ selected: Rationale?) -> String? {
        let given = (line.rationale ?? []).map(\.words)
        let expected = (selected?.snippets ?? []).map {
            [$0.words.lowerBound, $0.words.upperBound]
        }
        guard given != expected else { return nil }
        let texts = (selected?.snippets ?? []).prefix(3).map { quoted($0.text) }
        let more = (selected?.snippets.count ?? 0) > 3 ? ", …" : ""
        var text =
            "selection: the model selects \(texts.isEmpty ? "nothing" : texts.joined(separator: ", "))"
            + "\(more), the line has other words"
        if let certificate = line.certificate, certificate.engine != Engine.description {
            text +=
                " (it was made by another engine, whose scores may round otherwise: verify there)"
        } else if line.certificate?.usablePrecision != line.certificate?.precision {
            text += " (it was made in bf16, which this CPU lacks: verify on one that has it)"
        }
        return text
    }
}
