import Foundation
import Rationales
import Testing

/// The guarantee by types: what a classifier could peek at is out of its module's reach. These
/// tests read the sources, so that a new import or argument is noticed where it is made.
@Suite struct ModuleImportTests {
    private static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Sources of the module by name, without comments.
    private static func sources() throws -> [String: String] {
        let folder = package.appendingPathComponent("Sources/Classifiers")
        var sources: [String: String] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        where name.hasSuffix(".swift") {
            let text = try String(
                contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            sources[name] = text.components(separatedBy: "\n")
                .map { $0.components(separatedBy: "//")[0] }.joined(separator: "\n")
        }
        return sources
    }

    /// The identifiers and keywords of a text.
    private static func names(_ text: String) -> [String] {
        text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
    }

    @Test func theModuleImportsNeitherSaliencyNorDocuments() throws {
        let allowed: Set = [
            "Crypto", "Encoders", "Files", "Foundation", "FoundationEssentials", "Rationales",
            "Tensors", "Tokenization",
        ]
        let sources = try Self.sources()
        #expect(sources["RationaleClassifier.swift"] != nil)
        for (file, text) in sources {
            for line in text.components(separatedBy: "\n") {
                let names = Self.names(line)
                guard let place = names.firstIndex(of: "import") else { continue }
                // `import struct Module.Type` names the module after the kind.
                let imported = names[(place + 1)...].filter {
                    !["struct", "class", "enum", "protocol", "func", "let", "var", "typealias"]
                        .contains($0)
                }
                let module = try #require(imported.first, "\(file): \(line)")
                #expect(allowed.contains(module), "\(file) imports \(module)")
            }
        }
    }

    @Test func noTypeThatHoldsPositionsScoresOrTheTextIsMentioned() throws {
        // `Rationale` has positions; `RationaleWords` is what a classifier may have.
        let forbidden: Set = [
            "Document", "Example", "Extraction", "Extractor", "Rationale", "SaliencyMap",
            "SaliencyScorer", "Snippet", "Thresholder", "scalarRange", "utf16Range", "utf8Range",
            "wordRanges",
        ]
        for (file, text) in try Self.sources() {
            let found = forbidden.intersection(Self.names(text))
            #expect(found.isEmpty, "\(file) mentions \(found.sorted())")
        }
    }

    @Test func aClassifiersInputHoldsWordsAndQueryOnly() {
        let input = RationaleWords(words: ["dull"], query: "is it good")
        #expect(Mirror(reflecting: input).children.map(\.label) == ["words", "query"])
        #expect(
            Mirror(reflecting: input).children.map { "\(type(of: $0.value))" }
                == ["Array<String>", "Optional<String>"])
    }

    @Test func thePackageLetsTheModuleReachNeither() throws {
        let manifest = try String(
            contentsOf: Self.package.appendingPathComponent("Package.swift"), encoding: .utf8)
        // The strings of each target's declaration: its name, then what it depends on.
        var strings: [String: [String]] = [:]
        let declarations = manifest.components(separatedBy: "arget(").dropFirst()
        for declaration in declarations {
            let quoted = declaration.components(separatedBy: "\"").enumerated()
                .filter { $0.offset % 2 == 1 }.map(\.element)
            let name = try #require(quoted.first)
            strings[name] = Array(quoted.dropFirst())
        }
        #expect(strings["Classifiers"]?.prefix(3) == ["Encoders", "Files", "Rationales"])
        var (reached, due): (Set<String>, [String]) = ([], ["Classifiers"])
        while let name = due.popLast() {
            guard reached.insert(name).inserted else { continue }
            due += (strings[name] ?? []).filter { strings[$0] != nil }
        }
        #expect(reached.contains("Encoders") && reached.contains("Tensors"))
        #expect(reached.isDisjoint(with: ["Saliency", "Warrant", "WarrantCommand"]))
    }
}
