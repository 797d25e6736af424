import Warrant

/// How many lines hold, are close, fail, or have no prediction, and which members no check reads.
struct VerificationCounts {
    private var held = 0
    private(set) var close = 0
    private(set) var failed = 0
    private var unpredicted = 0
    private var byReason: [String: (count: Int, largest: Float)] = [:]
    private var unverified: [String: Int] = [:]

    /// The most names of members that are listed.
    private static let namedMembers = 10

    var all: Int { held + close + failed + unpredicted }

    /// Counts a line.
    ///
    /// - Parameter hasSource: whether it was compared with its text.
    mutating func add(
        _ line: CertifiedLine, _ outcome: CertificateChecks.Outcome, hasSource: Bool
    ) {
        for member in line.unverified
        where !hasSource || !CertifiedLine.needingSource.contains(member) {
            unverified[member, default: 0] += 1
        }
        if !outcome.differences.isEmpty {
            failed += 1
        } else if let distance = outcome.distance {
            close += 1
            let known = byReason[distance.reason.text] ?? (0, 0)
            byReason[distance.reason.text] = (
                known.count + 1, max(known.largest, distance.largest)
            )
        } else if line.certificate != nil {
            held += 1
        } else {
            unpredicted += 1
        }
    }

    /// Counts a line's signature among what is not verified.
    mutating func addUnverified(_ member: String) { unverified[member, default: 0] += 1 }

    /// One line that sums up.
    var text: String {
        var parts: [String] = []
        if failed > 0 {
            parts.append(
                "\(Figures.count(failed)) of \(Figures.count(all, "line")) "
                    + (failed == 1 ? "fails" : "fail"))
        }
        if held > 0 || (failed == 0 && close == 0 && unpredicted == 0) {
            parts.append("\(Figures.count(held, "certificate")) \(held == 1 ? "holds" : "hold")")
        }
        if close > 0 {
            let reasons = byReason.sorted { $0.key < $1.key }.map { reason, found in
                "\(reason): \(Figures.count(found.count)), logits within \(found.largest)"
            }
            parts.append(
                "\(Figures.count(close)) \(close == 1 ? "is" : "are") close but not equal "
                    + "(\(reasons.joined(separator: "; ")))")
        }
        if unpredicted > 0 {
            parts.append("\(Figures.count(unpredicted, "document")) without a prediction")
        }
        return parts.joined(separator: "; ")
    }

    /// What the lines hold besides, which nothing was compared with; nil where there is nothing.
    var unverifiedText: String? {
        guard !unverified.isEmpty else { return nil }
        let members = unverified.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let named = members.prefix(Self.namedMembers).map { name, count in
            "\(quoted(name)) in \(Figures.count(count, "line"))"
        }
        let more = members.count - named.count
        return "not verified: \(named.joined(separator: ", "))"
            + (more > 0 ? " and \(Figures.count(more, "member")) more" : "")
            + (unverified[AnswerSignature.key] != nil
                ? "; --trust with a public key checks signatures" : "")
    }
}

extension CertificateDistance.Reason {
    /// The reason in a few words.
    var text: String {
        switch self {
        case .engine: "made by another engine"
        case .precision: "made in bf16, which this CPU lacks"
        }
    }
}
