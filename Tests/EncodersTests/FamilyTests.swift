import Encoders
import Optimization
import Tensors
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// RoBERTa and DistilBERT, as Scripts/record_families.py recorded small ones of `transformers`.
@Suite("The families of encoders")
struct FamilyTests {
    static let families = [EncoderFamily.roberta, .distilbert]

    private func folder(_ family: EncoderFamily) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent(family.rawValue)
    }

    private func recording(_ family: EncoderFamily) throws -> SafetensorsFile {
        try SafetensorsFile(
            path: folder(family).appendingPathComponent("recording.safetensors").path)
    }

    private func documents(_ file: SafetensorsFile) throws -> [[Int]] {
        let (ids, starts) = (try file.int32s("ids"), try file.int32s("starts"))
        return zip(starts, starts.dropFirst()).map { Array(ids[$0..<$1]) }
    }

    // float32 sums in another order than PyTorch's.
    @Test(arguments: families)
    func statesAndLogitsAreThoseOfTransformers(_ family: EncoderFamily) throws {
        let file = try recording(family)
        let model = try SequenceClassifier(folder: folder(family))
        let layers = (0...2).map { TraceQuantity.hiddenStates(layer: $0) }
        let documents = try documents(file).map { Recordings.document($0) }
        let traces = model.trace(documents, Set(layers), workers: Workers(threads: 2))
        #expect(model.labels == ["no", "maybe", "yes"])
        let logits = largestDifference(traces.flatMap(\.logits), try file.floats("logits"))
        #expect(logits < 1e-5, "logits off by \(logits)")
        for (number, layer) in layers.enumerated() {
            let states = try traces.flatMap { try #require($0[layer]) }
            let difference = largestDifference(states, try file.floats("states.\(number)"))
            #expect(difference < 1e-5, "states after layer \(number) off by \(difference)")
        }
        let alone = model.logits(documents, workers: Workers(threads: 1))
        #expect(largestDifference(alone.flatMap { $0 }, try file.floats("logits")) < 1e-5)
    }

    // 1e-5 of the largest gradient, for the same reason.
    @Test(arguments: families)
    func gradientsAreThoseOfTransformers(_ family: EncoderFamily) throws {
        let file = try recording(family)
        let model = try SequenceClassifier(folder: folder(family))
        let labels = try file.int32s("labels")
        let documents = try documents(file).map { Recordings.document($0) }
        let gradients = Gradients(for: model.parameters)
        gradients.begin()
        let tape = Tape(worker: Worker(), parameters: model.parameters, gradients: gradients)
        _ = model.trainingPass(
            PackedBatch(documents), counts: documents.map { _ in 1 }, labels: labels, weight: 1,
            on: tape)
        gradients.finish()
        // PyTorch leaves the padding token's row of an embedding alone.
        let padding = model.configuration.paddingTokenID
        var (squares, paddingSquares) = (0.0, 0.0)
        for parameter in model.parameters.all {
            var recorded = try file.floats("gradient." + parameter.name)
            squares += recorded.reduce(0) { $0 + Double($1) * Double($1) }
            // The gradients of linear layers' weights are seen in the norm alone.
            guard parameter.kind != .weight else { continue }
            var values = gradients[parameter]
            if parameter.name.contains("word_embeddings") || parameter.name.contains("position") {
                for column in 0..<parameter.columns {
                    let index = padding * parameter.columns + column
                    if recorded[index] == 0 {
                        paddingSquares += Double(values[index]) * Double(values[index])
                    }
                    (values[index], recorded[index]) = (0, 0)
                }
            }
            let largest = recorded.reduce(0) { max($0, abs($1)) }
            let difference = largestDifference(values, recorded)
            #expect(
                difference <= 1e-5 * max(largest, 1),
                "\(parameter.name): off by \(difference) of \(largest)")
        }
        let sharded = ShardedGradients(
            parameters: model.parameters, workers: Workers(threads: 1))
        _ = sharded.run(shards: 1) { _, tape in
            model.trainingPass(
                PackedBatch(documents), counts: documents.map { _ in 1 }, labels: labels, weight: 1,
                on: tape)
        }
        let norm = (sharded.norm() * sharded.norm() - paddingSquares).squareRoot()
        #expect(abs(norm - squares.squareRoot()) < 1e-5 * norm, "\(norm), \(squares.squareRoot())")
    }

    @Test(arguments: families)
    func whatIsSavedIsReadAgain(_ family: EncoderFamily) throws {
        let original = try SequenceClassifier(folder: folder(family))
        let documents = try documents(recording(family)).map { Recordings.document($0) }
        let workers = Workers(threads: 1)
        try withFolder { folder in
            try original.save(to: folder)
            let again = try SequenceClassifier(folder: folder)
            #expect(again.configuration == original.configuration)
            #expect(
                again.logits(documents, workers: workers)
                    == original.logits(documents, workers: workers))
        }
        // The weights in their own format are the very tensors that `transformers` wrote.
        try withFolder { folder in
            try original.save(to: folder, as: .bf16)
            let ours = try SafetensorsFile(
                path: folder.appendingPathComponent("model.safetensors").path)
            let theirs = try SafetensorsFile(
                path: self.folder(family).appendingPathComponent("model.safetensors").path)
            #expect(Set(ours.names) == Set(theirs.names))
            for name in theirs.names {
                let (our, their) = (try ours.floats(name), try theirs.floats(name))
                #expect(our == their, "\(name)")
                #expect(ours.entry(name)?.shape == theirs.entry(name)?.shape, "\(name)")
            }
        }
    }

    @Test(arguments: families)
    func anEncoderIsReadWithAndWithoutPrefixAndGetsANewHead(_ family: EncoderFamily) throws {
        let original = try SequenceClassifier(folder: folder(family))
        let prefix = family.rawValue + "."
        func values(_ model: SequenceClassifier, _ name: String) -> [Float]? {
            model.parameters.all.first { $0.name == name }.map { model.parameters[$0].values }
        }
        for drops in [false, true] {
            try withFolder { folder in
                try original.save(to: folder, encoderOnly: true)
                let file = folder.appendingPathComponent("model.safetensors").path
                let tensors = original.parameters.all.filter { $0.name.hasPrefix(prefix) }.map {
                    SafetensorsTensor(
                        name: drops ? String($0.name.dropFirst(prefix.count)) : $0.name,
                        shape: $0.shape, values: original.parameters[$0].values)
                }
                // What a language model's checkpoint has besides is passed over.
                let other = SafetensorsTensor(
                    name: "lm_head.bias", shape: [2], values: [1, 2])
                try writeSafetensors(tensors + [other], to: file)
                let model = try SequenceClassifier(encoder: folder, labels: ["a", "b"], seed: 4)
                for parameter in model.parameters.all where parameter.name.hasPrefix(prefix) {
                    #expect(
                        values(model, parameter.name) == values(original, parameter.name),
                        "\(parameter.name)")
                }
            }
        }
        let model = try SequenceClassifier(encoder: folder(family), labels: ["a", "b"], seed: 4)
        let dense = family == .roberta ? "classifier.dense.weight" : "pre_classifier.weight"
        let fresh = try #require(values(model, dense))
        #expect(fresh != values(original, dense), "the head's dense layer is new")
        #expect(fresh.contains { $0 != 0 } && fresh.allSatisfy { abs($0) < 0.2 })
    }

    @Test(arguments: families)
    func dropoutDependsOnTheSeedAlone(_ family: EncoderFamily) throws {
        let file = try recording(family)
        let model = try SequenceClassifier(folder: folder(family))
        let documents = try documents(file).map { Recordings.document($0) }
        let labels = try file.int32s("labels")
        func losses(seed: UInt64) -> [Double] {
            let gradients = ShardedGradients(
                parameters: model.parameters, workers: Workers(threads: 1))
            return gradients.run(shards: 1) { _, tape in
                model.trainingPass(
                    PackedBatch(
                        documents,
                        dropout: PackedBatch.DropoutSeed(seed: seed, step: 0, documents: [0, 1, 2])),
                    counts: documents.map { _ in 1 }, labels: labels, weight: 1, on: tape)
            }.flatMap { $0 }
        }
        #expect(losses(seed: 1) == losses(seed: 1))
        #expect(losses(seed: 1) != losses(seed: 2), "dropout is on, and depends on the seed")
        #expect(losses(seed: 1).allSatisfy { $0.isFinite })
    }

    @Test func sizesAreTheFilesOwn() throws {
        let roberta = try EncoderConfiguration(folder: folder(.roberta))
        #expect(roberta.family == .roberta && roberta.segments == 1 && roberta.readsPairs)
        #expect(roberta.maximumLength == 16, "of 18 positions, two come before the first token")
        #expect(roberta.layerNormEpsilon == 1e-5 && roberta.paddingTokenID == 1)
        #expect(roberta.classifierDropout == nil)
        let distilbert = try EncoderConfiguration(folder: folder(.distilbert))
        #expect(distilbert.family == .distilbert && distilbert.segments == 0)
        #expect(distilbert.maximumLength == 16 && distilbert.readsPairs)
        #expect(distilbert.intermediateSize == 48 && distilbert.heads == 4)
        #expect(distilbert.classifierDropout == 0.2 && distilbert.layerNormEpsilon == 1e-12)
        var bert = EncoderConfiguration(
            hiddenSize: 8, layers: 1, heads: 1, intermediateSize: 8, vocabularySize: 8,
            maximumLength: 8, segments: 1)
        #expect(!bert.readsPairs)
        bert.segments = 2
        #expect(bert.readsPairs)
    }

    @Test("every position is used up to the longest document", arguments: families)
    func longestDocument(_ family: EncoderFamily) throws {
        let model = try SequenceClassifier(folder: folder(family))
        let document = Recordings.document(Array(repeating: 5, count: 16))
        let logits = model.logits([document], workers: Workers(threads: 1))
        #expect(logits[0].allSatisfy { $0.isFinite })
    }

    @Test(arguments: [
        (EncoderFamily.roberta, "\"roberta\"", "\"xlm-roberta\"", "model_type"),
        (.roberta, "\"pad_token_id\": 1", "\"pad_token_id\": -9223372036854775808", "pad_token_id"),
        (.roberta, "\"pad_token_id\": 1", "\"pad_token_id\": 9223372036854775807", "pad_token_id"),
        (.roberta, "\"pad_token_id\": 1", "\"pad_token_id\": 15", "max_position_embeddings"),
        (
            .roberta, "\"max_position_embeddings\": 18", "\"max_position_embeddings\": 4",
            "max_position_embeddings"
        ),
        (.roberta, "\"type_vocab_size\": 1", "\"type_vocab_size\": 2", "shape"),
        (.roberta, "\"type_vocab_size\": 1", "\"type_vocab_size\": 0", "type_vocab_size"),
        (.roberta, "\"hidden_act\": \"gelu\"", "\"hidden_act\": \"relu\"", "hidden_act"),
        (
            .roberta, "\"is_decoder\": false", "\"is_decoder\": true",
            "is_decoder"
        ),
        (.distilbert, "\"dim\"", "\"hidden_size\"", "dim is missing"),
        (.distilbert, "\"n_heads\": 4", "\"n_heads\": 5", "n_heads"),
        (.distilbert, "\"n_layers\": 2", "\"n_layers\": 1001", "n_layers"),
        (.distilbert, "\"n_layers\": 2", "\"n_layers\": 900", "belong together"),
        (.distilbert, "\"hidden_dim\": 48", "\"hidden_dim\": 0", "hidden_dim"),
        (.distilbert, "\"activation\": \"gelu\"", "\"activation\": \"relu\"", "activation"),
        (.distilbert, "\"dropout\": 0.1", "\"dropout\": 1.5", "dropout"),
        (
            .distilbert, "\"seq_classif_dropout\": 0.2", "\"seq_classif_dropout\": -1",
            "seq_classif_dropout"
        ),
        (.distilbert, "\"distilbert\"", "\"bert\"", "hidden_size is missing"),
        (.distilbert, "\"distilbert\"", "\"roberta\"", "hidden_size is missing"),
    ])
    func configurationsThatDoNotFitAreErrors(
        family: EncoderFamily, from: String, to: String, fragment: String
    ) throws {
        try withFolder { folder in
            for name in ["config.json", "model.safetensors"] {
                var data = try Data(contentsOf: self.folder(family).appendingPathComponent(name))
                if name == "config.json" {
                    let text = String(decoding: data, as: UTF8.self)
                    #expect(text.contains(from))
                    data = Data(text.replacing(from, with: to).utf8)
                }
                try data.write(to: folder.appendingPathComponent(name))
            }
            let error = #expect(throws: (any Error).self) {
                _ = try SequenceClassifier(folder: folder)
            }
            let text = error.map { "\($0)" } ?? ""
            #expect(error is EncoderError || error is SafetensorsError)
            #expect(text.contains(fragment) && !text.contains("\n"), "\(text)")
        }
    }
}
