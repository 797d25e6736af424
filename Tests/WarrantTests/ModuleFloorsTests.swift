import Foundation
import Testing

/// The package's modules stand on floors: a module imports from floors below its own, and from its
/// own floor what is listed before it. This test reads the manifest and every source file, so that an
/// import that points upwards is noticed where it is made.
@Suite("Floors of modules")
struct ModuleFloorsTests {
    /// All modules with Swift sources, from the ground up.
    private static let floors = [
        "Errors", "Randomness", "Files", "JSON", "Tensors", "Optimization", "Tokenization",
        "Encoders",
        "Saliency", "Rationales", "Classifiers", "Datasets", "Metrics", "Pictures", "Signing",
        "Diagnostics", "Models",
        "Training", "AttentionModels", "Fresh", "Diagnose",
        "Evaluation", "Experiments", "Benchmarks", "Warrant", "WarrantCommand",
    ]

    private static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The Swift files of a module, by path.
    private static func files(of module: String) throws -> [String: String] {
        let folder = package.appendingPathComponent("Sources/\(module)")
        var files: [String: String] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        where name.hasSuffix(".swift") {
            files["\(module)/\(name)"] = try String(
                contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        }
        return files
    }

    /// The modules that the manifest lets each target import, by target.
    private static func dependencies() throws -> [String: Set<String>] {
        let manifest = try String(
            contentsOf: package.appendingPathComponent("Package.swift"), encoding: .utf8)
        var dependencies: [String: Set<String>] = [:]
        for declaration in manifest.components(separatedBy: "arget(").dropFirst() {
            let quoted = declaration.components(separatedBy: "\"").enumerated()
                .filter { $0.offset % 2 == 1 }.map(\.element)
            guard let name = quoted.first else { continue }
            dependencies[name] = Set(quoted.dropFirst())
        }
        return dependencies
    }

    @Test func everyModuleHasAFloor() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: Self.package.appendingPathComponent("Sources").path)
        let withSources = try folders.filter { !(try Self.files(of: $0).isEmpty) }
        #expect(Set(withSources) == Set(Self.floors))
    }

    @Test func noFileImportsFromAbove() throws {
        let declared = try Self.dependencies()
        for (floor, module) in Self.floors.enumerated() {
            let below = Set(Self.floors[..<floor])
            for (path, text) in try Self.files(of: module) {
                for line in text.components(separatedBy: "\n") {
                    let words = line.split(separator: " ").map(String.init)
                    guard let place = words.firstIndex(of: "import"), place < 2,
                        let imported = words.last, Self.floors.contains(imported)
                    else { continue }
                    #expect(below.contains(imported), "\(path) imports \(imported)")
                    #expect(
                        declared[module]?.contains(imported) == true
                            || module == "WarrantCommand",
                        "\(path) imports \(imported), which Package.swift does not list")
                }
            }
        }
    }
}
