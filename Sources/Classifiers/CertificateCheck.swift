import Rationales
import Tensors

/// The outcome of making a certificate's prediction again.
public enum CertificateCheck: Sendable, Equatable {
    /// The words give this label and these logits, bit for bit.
    case holds
    /// The words give this label, and logits close to these; the reason can explain the distance.
    case close(CertificateDistance)
    /// The certificate does not hold: a line for each difference, which begins with the field's name.
    case fails([String])

    /// The differences; none where the certificate holds or is close.
    public var differences: [String] {
        if case .fails(let differences) = self { differences } else { [] }
    }
}

/// How far a certificate's logits lie from those made again, and why they need not be equal.
public struct CertificateDistance: Sendable, Equatable {
    /// Why logits may differ though nothing was altered.
    public enum Reason: Sendable, Equatable {
        /// The certificate names another engine, which may round otherwise.
        case engine(String)
        /// The certificate was made in bfloat16, and this CPU has no instructions for it.
        case precision
    }

    /// Why the logits may differ.
    public let reason: Reason
    /// The largest absolute difference of a logit.
    public let largest: Float

    /// The furthest that logits of another engine may lie apart to count as close. It is the
    /// verifier's, and nothing in a certificate changes it.
    package static let furthestAcrossEngines: Float = 1e-3
    /// The furthest that logits may lie apart where they were made in bfloat16 and this CPU has none.
    package static let furthestAcrossPrecisions: Float = 0.25
}

extension Certificate {
    /// Makes the prediction again from the certificate's words, and compares.
    ///
    /// The label must be that of the largest logit that is made again, whatever the certificate says
    /// of its engine. Logits must be equal bit for bit; where the engine or the precision at hand is
    /// another, logits within the verifier's bounds make the certificate *close*, which is less than
    /// that it holds.
    ///
    /// - Parameters:
    ///   - classifier: the classifier at hand.
    ///   - identity: what certificates name it by.
    ///   - workers: of the certificate's `usablePrecision`.
    /// - Throws: `TokenizerError` where the query leaves no room for the words, `EncoderError` where
    ///   the model gives something that is not a number.
    package func check(
        by classifier: RationaleClassifier, _ identity: ClassifierIdentity, workers: Workers
    ) throws -> CertificateCheck {
        precondition(workers.precision == usablePrecision, "in the certificate's precision")
        if let difference = difference(from: identity) { return .fails([difference]) }
        let rationale = RationaleWords(words: words, query: query)
        guard let again = try classifier.classify([rationale], workers: workers)[0] else {
            return .fails(["words: the certificate holds no word that can be read"])
        }
        let distance = Self.distance(logits, again.logits)
        var differences: [String] = []
        if distance.map({ $0 > furthest }) ?? true {
            differences.append(
                "logits: the certificate has \(Self.listing(logits)), these words give "
                    + Self.listing(again.logits))
        }
        if !label.utf8.elementsEqual(again.label.utf8) {
            differences.append(
                "label: the certificate has \"\(label)\", these words give \"\(again.label)\"")
        } else if differences.isEmpty, logits.indexOfLargest != again.index {
            differences.append(
                "label: the certificate has \"\(label)\", which is not that of its largest logit")
        }
        guard differences.isEmpty, let distance else { return .fails(differences) }
        guard distance > 0, let reason else { return .holds }
        return .close(CertificateDistance(reason: reason, largest: distance))
    }

    /// What differs between what the certificate says of its classifier and the classifier at hand.
    private func difference(from identity: ClassifierIdentity) -> String? {
        guard (1...Self.currentVersion).contains(version) else {
            return "version: the certificate has \(version), expected 1 to \(Self.currentVersion)"
        }
        let expected = version < 3 ? identity.filesDigest : identity.digest
        guard classifierDigest == expected else {
            return
                "classifier_sha256: the certificate was made by \(classifierDigest.prefix(12))…, "
                + "this model is \((expected ?? identity.digest).prefix(12))…"
        }
        guard version < 3 || reading == identity.reading else {
            return "reading: the certificate has \(reading.map { "\($0)" } ?? "none"), this model "
                + "reads by \(identity.reading)"
        }
        return nil
    }

    /// Why these logits need not be equal to those made again; nil where they must be.
    private var reason: CertificateDistance.Reason? {
        if usablePrecision != precision { return .precision }
        return engine == Engine.description ? nil : .engine(engine)
    }

    /// How far logits may lie apart.
    private var furthest: Float {
        switch reason {
        case .precision: CertificateDistance.furthestAcrossPrecisions
        case .engine: CertificateDistance.furthestAcrossEngines
        case nil: 0
        }
    }

    /// The largest absolute difference; nil where the counts differ or one is not a number.
    private static func distance(_ left: [Float], _ right: [Float]) -> Float? {
        guard left.count == right.count, (left + right).allSatisfy(\.isFinite) else { return nil }
        // Zeros of either sign are equal numbers of other bits.
        let differences = zip(left, right).map { left, right in
            left.bitPattern == right.bitPattern
                ? 0 : max(abs(left - right), .leastNonzeroMagnitude)
        }
        return differences.max()
    }

    /// Logits for a message, at most a few of them.
    private static func listing(_ logits: [Float]) -> String {
        let shown = logits.prefix(6).map { "\($0)" }.joined(separator: ", ")
        return "[\(shown)\(logits.count > 6 ? ", … \(logits.count) in all" : "")]"
    }
}

extension ClassifierReading: CustomStringConvertible {
    /// The settings for a message.
    public var description: String {
        "maximum_length \(maximumLength), stride \(stride.map { "\($0)" } ?? "none"), "
            + "layout \(layout)"
    }
}
