import Synchronization
import Warrant

/// Makes certified predictions again, and compares what stands beside the certificates.
struct CertificateChecks {
    /// How far a probability may lie from the softmax of its logits: exp differs by a last place
    /// between systems.
    private static let probabilityTolerance: Float = 1e-6

    private let model: RationaleModel
    private let threads: Workers
    /// One for each thread: a certificate is a single short text, so a thread takes a whole one.
    private let workers: [[Precision: Workers]]

    init(_ model: RationaleModel, threads: Int) {
        self.model = model
        self.threads = Workers(threads: threads)
        workers = (0..<threads).map { _ in
            Dictionary(
                uniqueKeysWithValues: Precision.available.map {
                    ($0, Workers(threads: 1, precision: $0))
                })
        }
    }

    /// A line's outcome.
    struct Outcome {
        /// What differs, a line each; none where the certificate holds or is close.
        var differences: [String] = []
        /// How far the logits lie apart, where they need not be equal and are not.
        var distance: CertificateDistance?
    }

    /// The outcome of each line.
    func outcomes(_ lines: [CertifiedLine]) throws -> [Outcome] {
        let results = Mutex([Result<Outcome, any Error>?](repeating: nil, count: lines.count))
        let count = min(workers.count, lines.count)
        threads.runEach(count) { thread, _ in
            for index in stride(from: thread, to: lines.count, by: count) {
                let result = Result { try outcome(lines[index], workers[thread]) }
                results.withLock { $0[index] = result }
            }
        }
        return try results.withLock { try $0.compactMap { try $0?.get() } }
    }

    private func outcome(
        _ line: CertifiedLine, _ workers: [Precision: Workers]
    ) throws -> Outcome {
        guard let certificate = line.certificate,
            let workers = workers[certificate.usablePrecision]
        else {
            return Outcome(
                differences: line.isWithoutPrediction ? [] : ["certificate: it is missing"])
        }
        if let difference = model.queryDifference(from: certificate) {
            return Outcome(differences: [difference])
        }
        var outcome = Outcome()
        do {
            let check = try certificate.check(
                by: model.classifier, model.classifierIdentity, workers: workers)
            if case .close(let distance) = check { outcome.distance = distance }
            outcome.differences = try check.differences + unreadWords(certificate)
        } catch let error as TokenizerError {
            // A query that was made too long is no fault of the data's form.
            return Outcome(differences: ["query: \(error)"])
        }
        outcome.differences += beside(certificate, line)
        return outcome
    }

    /// Words that the classifier would not read could be put in without changing the logits.
    private func unreadWords(_ certificate: Certificate) throws -> [String] {
        let notWords = certificate.words.filter {
            model.manifest.words.ranges(in: $0) != [0..<$0.utf8.count]
        }
        if let first = notWords.first {
            return ["words: \(quoted(first)) is not a single word"]
        }
        let tokenized = try model.classifier.tokenize(
            RationaleWords(words: certificate.words, query: certificate.query))
        guard tokenized.isTruncated else { return [] }
        return [
            "words: the certificate has \(certificate.words.count), of which the classifier reads "
                + "\(tokenized.readWords)"
        ]
    }

    /// Compares the rest of the line with the certificate.
    private func beside(_ certificate: Certificate, _ line: CertifiedLine) -> [String] {
        var found: [String] = []
        if !same(line.label, certificate.label) {
            found.append(
                "label: the line has \(line.label.map(quoted) ?? "none"), the certificate "
                    + quoted(certificate.label))
        }
        if certificate.logits.count == model.manifest.labels.count {
            let prediction = Prediction(
                logits: certificate.logits, labels: model.manifest.labels)
            let pairs = Dictionary(
                zip(prediction.labels, prediction.probabilities), uniquingKeysWith: { $1 })
            let given = line.probabilities ?? [:]
            let agree =
                given.count == pairs.count
                && pairs.allSatisfy { label, probability in
                    guard let index = given.index(forKey: label), same(given[index].key, label)
                    else { return false }
                    return abs(given[index].value - probability) <= Self.probabilityTolerance
                }
            if !agree {
                found.append("probabilities: they do not follow from the certificate's logits")
            }
        }
        if !same(line.input, certificate.words.joined(separator: " ")) {
            found.append("classifier_input: it is not the certificate's words")
        }
        return found + snippets(certificate, line.rationale ?? [])
    }

    private func snippets(
        _ certificate: Certificate, _ snippets: [CertifiedLine.Snippet]
    ) -> [String] {
        var words: [String] = []
        var end = -1
        for snippet in snippets {
            let ranges = model.manifest.words.ranges(in: snippet.text)
            let bytes = Array(snippet.text.utf8)
            words += ranges.map { String(decoding: bytes[$0], as: UTF8.self) }
            // A snippet is a maximal run, so there is at least a word before the next one.
            guard snippet.words.count == 2, snippet.start > end,
                snippet.end.subtractingReportingOverflow(snippet.start) == (bytes.count, false),
                snippet.words[1].subtractingReportingOverflow(snippet.words[0])
                    == (ranges.count, false),
                ranges.first?.lowerBound == 0, ranges.last?.upperBound == bytes.count
            else {
                return [
                    "rationale: the offsets or words of \(quoted(snippet.text)) do not fit its text"
                ]
            }
            end = snippet.end
        }
        return words.count == certificate.words.count
            && zip(words, certificate.words).allSatisfy(same)
            ? [] : ["rationale: its snippets' words are not the certificate's words"]
    }
}

/// Whether two texts are the same bytes. Swift's `==` holds composed and decomposed letters for equal,
/// a tokenizer may not.
func same(_ left: String?, _ right: String?) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    return left.utf8.elementsEqual(right.utf8)
}
