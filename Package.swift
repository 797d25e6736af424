// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "warrant",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Warrant", targets: ["Warrant"]),
        .executable(name: "warrant", targets: ["WarrantCommand"]),
    ],
    dependencies: [
        // Declares the command line: options, validation, help.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        // SHA-256 for certificates and for the model folder's manifest, Ed25519 for signatures.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
    ],
    targets: [
        // oneDNN: matrix products.
        .systemLibrary(
            name: "COneDNN",
            providers: [.apt(["libdnnl-dev"]), .brew(["onednn"])]),
        // zlib: rows in gzip files.
        .systemLibrary(
            name: "CZlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(
            name: "CKernels",
            dependencies: ["COneDNN"],
            // Debug builds keep optimised kernels: tests run 50 times faster.
            cSettings: [.unsafeFlags(["-O3"])],
            linkerSettings: [.linkedLibrary("dnnl")]),
        // Errors that are reported in one line, and text that is safe to show.
        .target(name: "Errors"),
        // The one generator that everything random is drawn from.
        .target(name: "Randomness"),
        // Files and folders: read once, written beside their place and exchanged in one step.
        .target(name: "CFiles"),
        .target(name: "Files", dependencies: ["CFiles", "Errors"]),
        // One strict reader, one ordered writer.
        .target(name: "JSON", dependencies: ["Errors", "Files"]),
        .target(name: "Tensors", dependencies: ["CKernels", "Errors", "Files", "JSON"]),
        // Optimizers, learning-rate schedules, and a batch's gradient as the sum over its shards.
        .target(name: "Optimization", dependencies: ["CKernels", "Tensors"]),
        .target(name: "Tokenization", dependencies: ["Errors", "Files", "JSON"]),
        .target(
            name: "Encoders",
            dependencies: ["Errors", "Files", "JSON", "Randomness", "Tensors", "Tokenization"]),
        .target(
            name: "Saliency",
            dependencies: ["Encoders", "Errors", "Randomness", "Tensors", "Tokenization"]),
        .target(name: "Rationales", dependencies: ["Errors", "Tokenization"]),
        .target(
            name: "Classifiers",
            dependencies: [
                "Encoders", "Files", "Rationales", "Tensors", "Tokenization",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        // Rows of every format, and what people marked in them.
        .target(
            name: "Datasets", dependencies: ["CZlib", "Errors", "Files", "JSON", "Tokenization"]),
        // Numbers that compare predictions, selections and scores; no model.
        .target(name: "Metrics", dependencies: ["JSON", "Randomness", "Rationales"]),
        // Statistical pictures as SVG: bars, violins and boxes, lines, points, heat maps.
        .target(name: "Pictures", dependencies: ["Errors"]),
        // The attention debate: probes that permute, gate or replace what an encoder computes, and the
        // experiments that train models of their own.
        .target(
            name: "Diagnostics",
            dependencies: [
                "CKernels", "Encoders", "Metrics", "Optimization", "Randomness", "Tensors",
                "Tokenization",
            ]),
        // Signatures of answers.
        .target(
            name: "Signing",
            dependencies: [
                "Classifiers", "Errors", "Files", "JSON",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        // A trained model: its folder, its extractor and its classifier.
        .target(
            name: "Models",
            dependencies: [
                "Classifiers", "Datasets", "Encoders", "Errors", "Files", "JSON", "Metrics",
                "Rationales", "Saliency", "Tensors", "Tokenization",
            ]),
        // The trainer, the graph of stages, and checkpoints of both.
        .target(
            name: "Training",
            dependencies: [
                "Classifiers", "Datasets", "Encoders", "Errors", "Files", "JSON", "Metrics",
                "Models", "Optimization", "Randomness", "Rationales", "Saliency", "Tensors",
                "Tokenization",
            ]),
        // Classifiers with attention over words: their data, embeddings and training.
        .target(
            name: "AttentionModels",
            dependencies: [
                "Classifiers", "Datasets", "Diagnostics", "Encoders", "Errors", "Files", "JSON",
                "Metrics", "Optimization", "Randomness", "Tensors", "Tokenization", "Training",
            ]),
        // FRESH: its stages, and runs of them.
        .target(
            name: "Fresh",
            dependencies: [
                "AttentionModels", "Classifiers", "Datasets", "Encoders", "Errors", "Files", "JSON",
                "Metrics", "Models", "Randomness", "Rationales", "Saliency", "Tensors",
                "Tokenization", "Training",
            ]),
        // Diagnostics of attention as stages with results, as warrant diagnose runs them.
        .target(
            name: "Diagnose",
            dependencies: [
                "AttentionModels", "Classifiers", "Datasets", "Diagnostics", "Encoders", "Errors",
                "Files", "JSON", "Metrics", "Models", "Optimization", "Pictures", "Randomness",
                "Tensors", "Tokenization", "Training",
            ]),
        // A model measured on labelled rows, and ERASER's files and scores.
        .target(
            name: "Evaluation",
            dependencies: [
                "Classifiers", "Datasets", "Errors", "JSON", "Metrics", "Models", "Randomness",
                "Rationales", "Tensors", "Tokenization", "Training",
            ]),
        .target(
            name: "Experiments",
            dependencies: [
                "AttentionModels", "Classifiers", "Datasets", "Diagnose", "Encoders", "Errors",
                "Files", "Fresh", "JSON",
                "Metrics", "Models", "Rationales", "Saliency", "Tensors", "Tokenization",
                "Training",
            ]),
        .target(
            name: "Benchmarks",
            dependencies: [
                "Datasets", "Encoders", "Errors", "Models", "Optimization", "Randomness", "Tensors",
                "Tokenization", "Training",
            ]),
        // What users import: the modules above that have something for them.
        .target(
            name: "Warrant",
            dependencies: [
                "Classifiers", "Datasets", "Encoders", "Errors", "Evaluation", "Experiments",
                "Fresh", "Metrics", "Models", "Rationales", "Saliency", "Signing", "Tensors",
                "Tokenization", "Training",
            ]),
        .executableTarget(
            name: "WarrantCommand",
            dependencies: [
                "AttentionModels", "Benchmarks", "Diagnose", "Encoders", "Files", "JSON", "Warrant",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        // What tests of several targets share: folders, files from outside, random models.
        .target(
            name: "TestSupport",
            dependencies: ["Encoders", "Files", "Randomness", "Tensors", "Tokenization"],
            path: "Tests/TestSupport"),
        // The readers that are fuzzed (Scripts/fuzz.sh), and the replay of the corpora.
        .target(
            name: "FuzzEntries", dependencies: ["Warrant", "TestSupport"],
            path: "Tests/Fuzz/Entries"),
        .testTarget(
            name: "FuzzReplayTests", dependencies: ["FuzzEntries"], path: "Tests/Fuzz/Replay"),
        .testTarget(name: "RandomnessTests", dependencies: ["Randomness"]),
        .testTarget(name: "JSONTests", dependencies: ["JSON", "Randomness"]),
        .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"]),
        .testTarget(
            name: "TensorsTests", dependencies: ["CKernels", "Errors", "Tensors", "TestSupport"]),
        .testTarget(name: "OptimizationTests", dependencies: ["Optimization", "TestSupport"]),
        .testTarget(
            name: "TokenizationTests",
            dependencies: ["Errors", "Files", "Randomness", "Tokenization", "TestSupport"],
            exclude: ["recording.json", "bpe-recording.json", "bpe-merges.txt"]),
        .testTarget(
            name: "EncodersTests",
            dependencies: ["Encoders", "Optimization", "Randomness", "Saliency", "TestSupport"],
            exclude: ["distilbert", "roberta"]),
        .testTarget(
            name: "SaliencyTests", dependencies: ["Randomness", "Saliency", "TestSupport"]),
        .testTarget(name: "RationalesTests", dependencies: ["Randomness", "Rationales"]),
        .testTarget(name: "ClassifiersTests", dependencies: ["Classifiers", "TestSupport"]),
        .testTarget(name: "DatasetsTests", dependencies: ["Warrant", "TestSupport"]),
        .testTarget(name: "MetricsTests", dependencies: ["Randomness", "TestSupport", "Warrant"]),
        .testTarget(name: "PicturesTests", dependencies: ["Pictures", "Randomness"]),
        .testTarget(name: "ModelsTests", dependencies: ["Randomness", "TestSupport", "Warrant"]),
        .testTarget(
            name: "TrainingTests",
            dependencies: ["Optimization", "Randomness", "TestSupport", "Warrant"]),
        .testTarget(name: "EvaluationTests", dependencies: ["JSON", "TestSupport", "Warrant"]),
        .testTarget(
            name: "ExperimentsTests",
            dependencies: ["Files", "Randomness", "TestSupport", "Warrant"]),
        .testTarget(
            name: "BenchmarksTests", dependencies: ["Benchmarks", "TestSupport", "Warrant"]),
        .testTarget(
            name: "DiagnosticsTests",
            dependencies: [
                "CKernels", "Diagnostics", "Encoders", "Metrics", "Optimization", "Randomness",
                "Tensors", "TestSupport", "Tokenization",
            ]),
        .testTarget(
            name: "AttentionModelsTests",
            dependencies: [
                "AttentionModels", "Encoders", "Files", "Randomness", "TestSupport", "Warrant",
            ]),
        .testTarget(
            name: "DiagnoseTests",
            dependencies: [
                "AttentionModels", "Diagnose", "JSON", "Metrics", "TestSupport", "Warrant",
            ]),
        .testTarget(name: "WarrantTests"),
        // Starts the command, which `swift build --build-tests` builds too.
        .testTarget(name: "CommandTests", dependencies: ["JSON", "TestSupport", "Warrant"]),
    ],
    swiftLanguageModes: [.v6]
)

// Tests are compiled without optimisation in release builds too: what they test is optimised, and
// they themselves take half as long to build.
for target in package.targets where target.type == .test {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .unsafeFlags(["-Onone", "-no-emit-module-separately-wmo"])
        ]
}
