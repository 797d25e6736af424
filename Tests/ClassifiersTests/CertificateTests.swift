import Classifiers
import Foundation
import Rationales
import Tensors
import Testing
import Tokenization

@Suite struct CertificateTests {
    let classifier: RationaleClassifier
    let workers = Workers(threads: 1)
    let identity: ClassifierIdentity
    let certificate: Certificate

    init() throws {
        classifier = try TinyClassifier.make()
        identity = ClassifierIdentity(
            files: ["config.json": String(repeating: "5a", count: 32)],
            reading: try ClassifierReading(
                chunks: classifier.chunk, tokenizer: classifier.tokenizer, hasQuery: false))
        certificate = try Self.certificate(
            RationaleWords(words: ["dull", "lifeless", "film"]), classifier, identity, workers)
    }

    private static func certificate(
        _ rationale: RationaleWords, _ classifier: RationaleClassifier,
        _ identity: ClassifierIdentity,
        _ workers: Workers
    ) throws -> Certificate {
        let prediction = try #require(
            try classifier.classify([rationale], workers: workers).first ?? nil)
        return Certificate(prediction, of: rationale, by: identity, precision: .fp32)
    }

    private func check(_ certificate: Certificate) throws -> CertificateCheck {
        try certificate.check(by: classifier, identity, workers: workers)
    }

    private func differences(_ certificate: Certificate) throws -> [String] {
        try check(certificate).differences
    }

    /// The field that each line begins with.
    private func fields(_ certificate: Certificate) throws -> [String] {
        let lines = try differences(certificate)
        #expect(lines.allSatisfy { !$0.contains("\n") })
        return lines.map { String($0.prefix { $0 != ":" }) }
    }

    @Test func itHoldsForItsOwnClassifier() throws {
        #expect(try check(certificate) == .holds)
        let asked = try Self.certificate(
            RationaleWords(words: ["warm"], query: "is it good"), classifier, identity, workers)
        #expect(try check(asked) == .holds)
    }

    @Test func itHoldsAfterARoundTripThroughJSON() throws {
        let asked = try Self.certificate(
            RationaleWords(words: ["warm"], query: "is it good"), classifier, identity, workers)
        for original in [certificate, asked] {
            let read = try JSONDecoder().decode(
                Certificate.self, from: JSONEncoder().encode(original))
            // Logits too are the same bits: JSON's decimals give a Float back exactly.
            #expect(read == original)
            #expect(read.logits.map(\.bitPattern) == original.logits.map(\.bitPattern))
            #expect(try check(read) == .holds)
        }
    }

    @Test func itsJSONHasTheDocumentedKeys() throws {
        let data = try JSONEncoder().encode(certificate)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "version", "classifier_sha256", "reading", "engine", "precision", "words", "logits",
                "label",
            ])
        #expect(object["version"] as? Int == 3)
        let reading = try #require(object["reading"] as? [String: Any])
        #expect(reading["maximum_length"] as? Int == 64 && reading["stride"] as? Int == 40)
        #expect(reading["layout"] as? String == "[CLS] $A [SEP]")
        #expect(object["precision"] as? String == "fp32")
        #expect(object["classifier_sha256"] as? String == identity.digest)
        #expect(object["words"] as? [String] == ["dull", "lifeless", "film"])
    }

    @Test func anotherLabelIsNamed() throws {
        var altered = certificate
        altered.label = certificate.label == "negative" ? "positive" : "negative"
        #expect(try fields(altered) == ["label"])
    }

    @Test func theSmallestChangeOfALogitIsNamed() throws {
        for index in certificate.logits.indices {
            var altered = certificate
            altered.logits[index] = altered.logits[index].nextUp
            #expect(try fields(altered) == ["logits"])
        }
        for logits in [[], certificate.logits + [0], certificate.logits.map { _ in .nan }] {
            var altered = certificate
            altered.logits = logits
            #expect(try fields(altered) == ["logits"])
        }
    }

    @Test func otherWordsAreNoticedByTheirLogits() throws {
        for words in [
            ["warm", "lifeless", "film"], ["dull", "lifeless"], ["lifeless", "dull", "film"],
            ["dull", "lifeless", "film", "a"],
        ] {
            var altered = certificate
            altered.words = words
            let fields = try fields(altered)
            // Other words may well give another label, too.
            #expect(fields == ["logits"] || fields == ["logits", "label"])
        }
        var asked = certificate
        asked.query = "is it good"
        #expect(try fields(asked).first == "logits")
    }

    @Test func noWordsAtAllAreNamed() throws {
        for words in [[], [" "]] {
            var altered = certificate
            altered.words = words
            #expect(try fields(altered) == ["words"])
        }
    }

    @Test func anotherClassifierIsNamed() throws {
        var altered = certificate
        altered.classifierDigest = String(repeating: "0", count: 64)
        #expect(try fields(altered) == ["classifier_sha256"])
        // Same digest, other weights: the words give other logits.
        let other = try TinyClassifier.make(seed: 2)
        let lines = try certificate.check(by: other, identity, workers: workers).differences
        #expect(lines.first?.hasPrefix("logits: ") == true)
    }

    @Test func anotherVersionIsNamed() throws {
        var altered = certificate
        altered.version += 1
        #expect(try fields(altered) == ["version"])
    }

    @Test func earlierVersionsNameTheFilesAlone() throws {
        var earlier = certificate
        (earlier.version, earlier.reading) = (2, nil)
        #expect(try fields(earlier) == ["classifier_sha256"])
        earlier.classifierDigest = try #require(identity.filesDigest)
        #expect(try check(earlier) == .holds)
    }

    @Test func anotherReadingIsNamed() throws {
        var altered = certificate
        altered.reading?.stride = 39
        #expect(try fields(altered) == ["reading"])
        // A classifier that reads otherwise has another digest, though its files are the same.
        var reading = identity.reading
        reading.maximumLength -= 1
        let other = ClassifierIdentity(
            files: ["config.json": String(repeating: "5a", count: 32)], reading: reading)
        #expect(other.filesDigest == identity.filesDigest && other.digest != identity.digest)
        #expect(
            try certificate.check(by: classifier, other, workers: workers).differences.first?
                .hasPrefix("classifier_sha256: ") == true)
    }

    @Test func theLayoutOfAQueryStandsInTheReading() throws {
        let reading = try ClassifierReading(
            chunks: classifier.chunk, tokenizer: classifier.tokenizer, hasQuery: true)
        #expect(reading.layout == "[CLS] $A [SEP] $B:1 [SEP]:1")
    }

    @Test func logitsOfAnotherEngineAreCloseAndNoMore() throws {
        var elsewhere = certificate
        elsewhere.engine = "onednn 0.0.0 other"
        #expect(try check(elsewhere) == .holds, "equal bits need no excuse")
        elsewhere.logits[0] += CertificateDistance.furthestAcrossEngines / 2
        guard case .close(let distance) = try check(elsewhere) else {
            Issue.record("it should be close")
            return
        }
        #expect(distance.reason == .engine("onednn 0.0.0 other"))
        #expect(distance.largest > 0 && distance.largest <= 1e-3)
        elsewhere.logits[0] += CertificateDistance.furthestAcrossEngines
        #expect(try fields(elsewhere) == ["logits"])
    }

    /// Of a document in doubt another engine may give the other label. This one does not, so here the
    /// label does not hold, whatever the certificate's own logits are.
    @Test func aLabelInDoubtIsThatOfTheLogitsMadeAgain() throws {
        let undecided = try TinyClassifier.make(range: 0.001)
        var elsewhere = try Self.certificate(
            RationaleWords(words: ["dull", "film"]), undecided, identity, workers)
        let difference = abs(elsewhere.logits[0] - elsewhere.logits[1])
        try #require(difference > 0 && difference < CertificateDistance.furthestAcrossEngines)
        elsewhere.engine = "onednn 0.0.0 other"
        func lines() throws -> [String] {
            try elsewhere.check(by: undecided, identity, workers: workers).differences
        }
        #expect(try lines().isEmpty)
        let label = elsewhere.label
        for other in [label == "negative" ? "positive" : "negative", "neither"] {
            elsewhere.label = other
            #expect(try lines().map { $0.prefix(6) } == ["label:"])
            elsewhere.logits.reverse()
            #expect(try lines().map { $0.prefix(6) } == ["label:"])
            elsewhere.logits.reverse()
        }
        // The right label beside logits that say otherwise.
        elsewhere.label = label
        elsewhere.logits.reverse()
        #expect(try lines().map { $0.prefix(6) } == ["label:"])
    }
}
