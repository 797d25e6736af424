import Classifiers
import Foundation
import Rationales
import Tensors
import Testing

@Suite struct CertificateTests {
    let classifier: RationaleClassifier
    let workers = Workers(threads: 1)
    let digest = String(repeating: "5a", count: 32)
    let certificate: Certificate

    init() throws {
        classifier = try TinyClassifier.make()
        certificate = try Self.certificate(
            RationaleWords(words: ["dull", "lifeless", "film"]), classifier, digest, workers)
    }

    private static func certificate(
        _ rationale: RationaleWords, _ classifier: RationaleClassifier, _ digest: String,
        _ workers: Workers
    ) throws -> Certificate {
        let prediction = try #require(
            try classifier.classify([rationale], workers: workers).first ?? nil)
        return Certificate(prediction, of: rationale, classifierDigest: digest, precision: .fp32)
    }

    private func differences(_ certificate: Certificate) throws -> [String] {
        try certificate.differences(from: classifier, digest: digest, workers: workers)
    }

    /// The field that each line begins with.
    private func fields(_ certificate: Certificate) throws -> [String] {
        let lines = try differences(certificate)
        #expect(lines.allSatisfy { !$0.contains("\n") })
        return lines.map { String($0.prefix { $0 != ":" }) }
    }

    @Test func itHoldsForItsOwnClassifier() throws {
        #expect(try differences(certificate).isEmpty)
        let asked = try Self.certificate(
            RationaleWords(words: ["warm"], query: "is it good"), classifier, digest, workers)
        #expect(try differences(asked).isEmpty)
    }

    @Test func itHoldsAfterARoundTripThroughJSON() throws {
        let asked = try Self.certificate(
            RationaleWords(words: ["warm"], query: "is it good"), classifier, digest, workers)
        for original in [certificate, asked] {
            let read = try JSONDecoder().decode(
                Certificate.self, from: JSONEncoder().encode(original))
            // Logits too are the same bits: JSON's decimals give a Float back exactly.
            #expect(read == original)
            #expect(read.logits.map(\.bitPattern) == original.logits.map(\.bitPattern))
            #expect(try differences(read).isEmpty)
        }
    }

    @Test func itsJSONHasTheDocumentedKeys() throws {
        let data = try JSONEncoder().encode(certificate)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "version", "classifier_sha256", "engine", "precision", "words", "logits", "label",
            ])
        #expect(object["version"] as? Int == 2)
        #expect(object["precision"] as? String == "fp32")
        #expect(object["classifier_sha256"] as? String == digest)
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
        let lines = try certificate.differences(from: other, digest: digest, workers: workers)
        #expect(lines.first?.hasPrefix("logits: ") == true)
    }

    @Test func anotherVersionIsNamed() throws {
        var altered = certificate
        altered.version += 1
        #expect(try fields(altered) == ["version"])
    }

    @Test func anotherEngineIsAllowedATolerance() throws {
        var elsewhere = certificate
        elsewhere.engine = "onednn 0.0.0 other"
        elsewhere.logits[0] += Certificate.toleranceAcrossEngines / 2
        #expect(try differences(elsewhere).isEmpty)
        elsewhere.logits[0] += Certificate.toleranceAcrossEngines
        #expect(try fields(elsewhere) == ["logits"])
    }

    /// Of a document in doubt another engine may give the other label; a label that contradicts the
    /// certificate's own logits is none that any engine gave.
    @Test func aLabelInDoubtIsThatOfItsOwnLogits() throws {
        let undecided = try TinyClassifier.make(range: 0.001)
        var elsewhere = try Self.certificate(
            RationaleWords(words: ["dull", "film"]), undecided, digest, workers)
        let difference = abs(elsewhere.logits[0] - elsewhere.logits[1])
        try #require(difference > 0 && difference < Certificate.toleranceAcrossEngines)
        elsewhere.engine = "onednn 0.0.0 other"
        func lines() throws -> [String] {
            try elsewhere.differences(from: undecided, digest: digest, workers: workers)
        }
        #expect(try lines().isEmpty)
        let (label, logits) = (elsewhere.label, elsewhere.logits)
        elsewhere.label = label == "negative" ? "positive" : "negative"
        #expect(try lines().map { $0.prefix(6) } == ["label:"])
        elsewhere.logits.reverse()
        #expect(try lines().isEmpty)
        elsewhere.label = label
        #expect(try lines().map { $0.prefix(6) } == ["label:"])
        elsewhere.logits = logits
        elsewhere.label = "neither"
        #expect(try lines().map { $0.prefix(6) } == ["label:"])
    }
}
