import Diagnostics
import Encoders
import Foundation
import Tensors
import TestSupport
import Testing
import Tokenization

private let tinyRecordings = Outside.shared.appendingPathComponent("reference/diagnostics")
private let hasTinyRecordings = FileManager.default.fileExists(
    atPath: tinyRecordings.appendingPathComponent("tiny-bert.json").path)

/// Probes that replace values inside BERT, beside the recordings of `tiny-bert`.
@Suite(
    "Probes inside BERT",
    .enabled(if: hasTinyRecordings, "the folder ../shared/reference/diagnostics is not there"))
struct ProbeTests {

    private let model: SequenceClassifier
    private let documents: [TokenizedDocument]
    private let labels: [Int]
    private let file: SafetensorsFile
    private let importance: [String: Any]

    init() throws {
        let place = tinyRecordings
        // The recorded configuration names no classes.
        let folder = try TemporaryFolder()
        let source = place.appendingPathComponent("tiny-bert")
        var configuration = try #require(
            try JSONSerialization.jsonObject(
                with: Data(contentsOf: source.appendingPathComponent("config.json")))
                as? [String: Any])
        configuration["id2label"] = ["0": "no", "1": "yes"]
        try folder.file(
            "config.json",
            bytes: try JSONSerialization.data(withJSONObject: configuration))
        try FileManager.default.copyItem(
            at: source.appendingPathComponent("model.safetensors"),
            to: folder.url.appendingPathComponent("model.safetensors"))
        model = try SequenceClassifier(folder: folder.url)
        let recorded = try #require(
            try JSONSerialization.jsonObject(
                with: Data(contentsOf: place.appendingPathComponent("tiny-bert.json")))
                as? [String: Any])
        let texts = try #require(recorded["texts"] as? [[Int]])
        labels = try #require(recorded["labels"] as? [Int])
        documents = texts.map { Recordings.document($0) }
        importance = try #require(recorded["head_importance"] as? [String: Any])
        file = try SafetensorsFile(
            path: place.appendingPathComponent("tiny-bert.safetensors").path)
    }

    /// The mean loss of all texts, and the gates' gradients, under gates.
    private func pass(_ gates: HeadGates) -> (losses: [Double], gradients: [[[Double]]]) {
        let batch = PackedBatch(documents)
        let tape = Tape(worker: Worker(), parameters: model.parameters, isRecording: true)
        let losses = model.trainingPass(
            batch, counts: documents.map { _ in 1 }, labels: labels, weight: 1, probe: gates,
            on: tape)
        return (losses, gates.gradients(batch))
    }

    @Test func gradientsOfHeadGatesAreThoseRecorded() throws {
        let logits = model.logits(documents, workers: Workers(threads: 1))
        for (text, own) in logits.enumerated() {
            let recorded = try file.floats("tiny.\(text).logits")
            #expect(largestDifference(own, recorded) < 1e-4, "text \(text)")
        }
        let gradients = pass(HeadGates(layers: 2, heads: 3)).gradients
        for text in documents.indices {
            let recorded = try file.floats("tiny.\(text).gate-gradient")
            let own = gradients[text].flatMap { $0 }.map { Float($0) }
            // float32 against float64, relative to the text's largest gradient.
            let scale = recorded.map(abs).max() ?? 1
            #expect(largestDifference(own, recorded) < 1e-4 * scale, "text \(text): \(own)")
        }
        let wanted = try #require(importance["importance"] as? [[Double]])
        for layer in 0..<2 {
            for head in 0..<3 {
                let mean =
                    gradients.reduce(0) { $0 + abs($1[layer][head]) } / Double(gradients.count)
                #expect(abs(mean - wanted[layer][head]) < 1e-4 * wanted[layer][head])
            }
        }
    }

    @Test func aGateOfZeroTakesItsHeadOut() throws {
        let wanted = try #require(importance["loss_without_head"] as? [[Double]])
        for layer in 0..<2 {
            for head in 0..<3 {
                var gates = [[Float]](repeating: [1, 1, 1], count: 2)
                gates[layer][head] = 0
                let losses = pass(HeadGates(gates)).losses
                let mean = losses.reduce(0, +) / Double(losses.count)
                #expect(abs(mean - wanted[layer][head]) < 1e-4 * wanted[layer][head])
            }
        }
    }

    @Test func gatesOfOneLeaveEveryBit() {
        let alone = model.logits(documents, workers: Workers(threads: 1))
        let gated = model.trace(
            documents, [], probe: { _ in HeadGates(layers: 2, heads: 3) },
            workers: Workers(threads: 1)
        ) { $1.logits }
        #expect(alone == gated)
    }

    @Test func permutedAttentionIsTheOldInAnotherOrder() throws {
        let whole = TraceQuantity.attention(layer: 1)
        let before = model.trace(documents, [whole], workers: Workers(threads: 1))
        let orders = documents.map { Array((0..<$0.ids.count).reversed()) }
        func traces(_ orders: [[Int]], threads: Int = 1) -> [Trace] {
            model.trace(
                documents, [whole],
                probe: { AttentionPermutation(layer: 1, orders: Array(orders[$0])) },
                workers: Workers(threads: threads)
            ) { $1 }
        }
        let after = traces(orders)
        for (document, order) in orders.enumerated() {
            let old = try #require(before[document][whole])
            let new = try #require(after[document][whole])
            let count = order.count
            for row in 0..<(old.count / count) {
                for column in 0..<count {
                    #expect(new[row * count + column] == old[row * count + order[column]])
                }
            }
            #expect(after[document].logits != before[document].logits)
        }
        #expect(
            traces(orders, threads: 2).map(\.logits) == after.map(\.logits),
            "a document's probe is its own, whatever the shards")
        let same = traces(documents.map { Array($0.ids.indices) })
        #expect(same.map(\.logits) == before.map(\.logits), "the identity changes no bit")
    }
}
