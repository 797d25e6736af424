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
        // Files and folders: read once, written beside their place and exchanged in one step.
        .target(name: "CFiles"),
        .target(name: "Files", dependencies: ["CFiles"]),
        .target(name: "Tensors", dependencies: ["CKernels", "Files"]),
        // Optimizers, learning-rate schedules, and a batch's gradient as the sum over its shards.
        .target(name: "Optimization", dependencies: ["CKernels", "Tensors"]),
        .target(name: "Tokenization", dependencies: ["Files"]),
        .target(name: "Encoders", dependencies: ["Files", "Tensors", "Tokenization"]),
        .target(name: "Saliency", dependencies: ["Encoders"]),
        .target(name: "Rationales"),
        .target(
            name: "Classifiers",
            dependencies: [
                "Encoders", "Files", "Rationales",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(
            name: "Warrant",
            dependencies: [
                "Files", "Tensors", "Optimization", "Tokenization", "Encoders", "Saliency",
                "Rationales", "Classifiers", "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .executableTarget(
            name: "WarrantCommand",
            dependencies: [
                "Warrant", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        // What tests of several targets share: folders, files from outside, random models.
        .target(
            name: "TestSupport", dependencies: ["Encoders", "Files"], path: "Tests/TestSupport"),
        // The readers that are fuzzed (Scripts/fuzz.sh), and the replay of the corpora.
        .target(
            name: "FuzzEntries", dependencies: ["Warrant", "TestSupport"],
            path: "Tests/Fuzz/Entries"),
        .testTarget(
            name: "FuzzReplayTests", dependencies: ["FuzzEntries"], path: "Tests/Fuzz/Replay"),
        .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"]),
        .testTarget(name: "TensorsTests", dependencies: ["CKernels", "Tensors", "TestSupport"]),
        .testTarget(
            name: "OptimizationTests", dependencies: ["Optimization", "TestSupport"]),
        .testTarget(
            name: "TokenizationTests", dependencies: ["Tokenization", "TestSupport"],
            exclude: ["recording.json", "bpe-recording.json", "bpe-merges.txt"]),
        .testTarget(
            name: "EncodersTests", dependencies: ["Encoders", "Optimization", "TestSupport"],
            exclude: ["distilbert", "roberta"]),
        .testTarget(name: "SaliencyTests", dependencies: ["Saliency", "TestSupport"]),
        .testTarget(name: "RationalesTests", dependencies: ["Rationales"]),
        .testTarget(name: "ClassifiersTests", dependencies: ["Classifiers", "TestSupport"]),
        .testTarget(name: "WarrantTests", dependencies: ["Warrant", "TestSupport"]),
        .testTarget(name: "CommandTests", dependencies: ["WarrantCommand", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
