import JSON
import Warrant

extension JSONText {
    /// Where a rationale stands in its text: offsets in UTF-8 bytes, words counted from 0, and for
    /// another unit a pair of offsets under the unit's name.
    init(snippets rationale: Rationale, unit: OffsetUnit = .bytes) {
        let snippets = rationale.snippets
        self = .elements(count: snippets.count) { index in
            let snippet = snippets[index]
            var members: [(key: String, value: JSONText)] = [
                ("text", .string(snippet.text)),
                ("start", .integer(snippet.utf8Range.lowerBound)),
                ("end", .integer(snippet.utf8Range.upperBound)),
            ]
            if unit != .bytes {
                members.append((unit.rawValue, Self.pair(snippet.range(in: unit))))
            }
            members.append(("words", Self.pair(snippet.words)))
            return .object(members)
        }
    }

    private static func pair(_ range: Range<Int>) -> JSONText {
        [.integer(range.lowerBound), .integer(range.upperBound)]
    }

    /// A certificate with the keys that `Certificate` decodes.
    init(_ certificate: Certificate) {
        var members: [(key: String, value: JSONText)] = [
            ("version", .integer(certificate.version)),
            ("classifier_sha256", .string(certificate.classifierDigest)),
            ("reading", certificate.reading.map { JSONText($0) } ?? .null),
            ("engine", .string(certificate.engine)),
            ("precision", .string(certificate.precision.rawValue)),
            ("words", .array(certificate.words.map { .string($0) })),
        ]
        if let query = certificate.query { members.append(("query", .string(query))) }
        members.append(("logits", .array(certificate.logits.map { .float($0) })))
        members.append(("label", .string(certificate.label)))
        self = .object(members)
    }
}

extension JSONText {
    /// How a classifier reads, with the keys that `ClassifierReading` decodes.
    init(_ reading: ClassifierReading) {
        var members: [(key: String, value: JSONText)] = [
            ("maximum_length", .integer(reading.maximumLength))
        ]
        if let stride = reading.stride { members.append(("stride", .integer(stride))) }
        self = .object(members + [("layout", .string(reading.layout))])
    }
}

/// What `classify` and `extract` print of a document.
enum ResultLine {
    /// A prediction with its rationale.
    static func classification(
        _ row: NumberedRow, _ answer: Classification, unit: OffsetUnit, withCertificate: Bool
    ) -> JSONText {
        var members: [(key: String, value: JSONText)] = [
            ("id", .string(row.id)),
            ("label", .string(answer.label)),
            (
                "probabilities",
                .object(
                    zip(answer.prediction.labels, answer.prediction.probabilities).map {
                        ($0, .float($1))
                    })
            ),
            ("rationale", JSONText(snippets: answer.rationale, unit: unit)),
            ("classifier_input", .string(answer.classifierInput.text)),
        ]
        members += truncation(answer.extraction)
        if withCertificate { members.append(("certificate", JSONText(answer.certificate))) }
        return .object(members)
    }

    /// A rationale, with a score for each word that was read where asked for.
    static func extraction(
        _ row: NumberedRow, _ extraction: Extraction, unit: OffsetUnit, withScores: Bool
    ) -> JSONText {
        var members: [(key: String, value: JSONText)] = [
            ("id", .string(row.id)),
            ("rationale", JSONText(snippets: extraction.rationale, unit: unit)),
        ]
        members += truncation(extraction)
        if withScores {
            let scores = extraction.saliency.scores
            members.append(
                ("scores", .elements(count: scores.count) { .float(scores[$0]) }))
            if let delta = extraction.convergenceDelta {
                members.append(("convergence_delta", .float(delta)))
            }
        }
        return .object(members)
    }

    private static func truncation(
        _ extraction: Extraction
    ) -> [(key: String, value: JSONText)] {
        guard extraction.isTruncated else { return [] }
        return [
            (
                "truncated",
                [
                    "words_read": .integer(extraction.readWords),
                    "words": .integer(extraction.words),
                ]
            )
        ]
    }
}
