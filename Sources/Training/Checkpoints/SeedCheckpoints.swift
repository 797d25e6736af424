import Files
import Models

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension TrainingCheckpoint {
    /// What a seed's run scored that has ended; nil: it has not.
    ///
    /// - Parameter data: the rows of the run.
    /// - Throws: `WarrantError` for scores that cannot be those of such a run.
    package func scores(seed: UInt64, _ data: TrainingData) throws -> SeedRun? {
        guard let name = manifest.seeds["\(seed)"]?.scores else { return nil }
        let bytes: [UInt8]
        do { bytes = try file(name).bytes(upTo: 1 << 30) } catch let error as FileError {
            throw damage(name, error.problem)
        }
        guard let kept = try? JSONDecoder().decode(KeptScores.self, from: Data(bytes)),
            let run = SeedRun(kept, classes: data.labels.count), run.record.seed == seed
        else { throw damage(name, "does not hold the scores of seed \(seed)") }
        return run
    }

    /// Keeps what a seed's run scored, now that it has ended.
    ///
    /// - Parameter models: the seeds whose models may still be needed; of others, scores alone stay.
    package func keep(_ run: SeedRun, seed: UInt64, models: Set<UInt64>) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let bytes = Array(try encoder.encode(KeptScores(run)))
        let name = fileName("scores", "\(seed)", type: "json")
        let file = CheckpointFile(size: bytes.count) { try replaceFile(at: $0, with: bytes) }
        let kept = Set(models.map { "\($0)" })
        change([name: file]) { manifest in
            manifest.seeds["\(seed)", default: .init()].scores = name
            for (other, entry) in manifest.seeds where entry.scores != nil && !kept.contains(other)
            {
                manifest.seeds[other]?.stages = [:]
            }
        }
        writeIfDue(isMilestone: true)
    }
}

/// A `SeedRun` as a file holds it.
private struct KeptScores: Codable {
    var record: TrainingRecord
    var testLabels: [Int]
    /// The variants' names, in order.
    var variants: [String]
    /// What each predicts.
    var testPredictions: [[Int]]

    enum CodingKeys: String, CodingKey {
        case record, variants
        case testLabels = "test_labels"
        case testPredictions = "test_predictions"
    }

    init(_ run: SeedRun) {
        record = run.record
        testLabels = run.testLabels
        variants = run.variants.map(\.name)
        testPredictions = run.variants.map { run.testPredictions[$0] ?? [] }
    }
}

extension SeedRun {
    /// - Returns: nil for what cannot be a run's scores.
    fileprivate init?(_ kept: KeptScores, classes: Int) {
        let known = [Variant.support, .classifier] + Control.allCases.map { .control($0) }
        let variants = kept.variants.compactMap { name in known.first { $0.name == name } }
        guard variants.count == kept.variants.count, Set(variants).count == variants.count,
            kept.testPredictions.count == variants.count,
            kept.testPredictions.allSatisfy({ $0.count == kept.testLabels.count }),
            (kept.testLabels + kept.testPredictions.joined()).allSatisfy((0..<classes).contains)
        else { return nil }
        record = kept.record
        testLabels = kept.testLabels
        self.variants = variants
        testPredictions = Dictionary(uniqueKeysWithValues: zip(variants, kept.testPredictions))
        classCount = classes
    }
}
