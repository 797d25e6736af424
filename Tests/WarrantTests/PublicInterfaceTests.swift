import Foundation
import Testing

/// What users of the package see is what its modules declare `public`; what only sibling modules need
/// is `package`. These tests read every source file for declarations that break the rule.
@Suite("Public interface")
struct PublicInterfaceTests {
    private static let sources = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources")

    /// The lines that begin a public declaration, by the module's name.
    private static func publicLines() throws -> [String: [String]] {
        var lines: [String: [String]] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: sources.path)
        where path.hasSuffix(".swift") {
            let text = try String(
                contentsOf: sources.appendingPathComponent(path), encoding: .utf8)
            let module = String(path.prefix { $0 != "/" })
            lines[module, default: []] += text.components(separatedBy: "\n")
                .map { $0.trimmingCharacters(in: .whitespaces) }
                .filter { $0.hasPrefix("public ") || $0.hasPrefix("open ") }
        }
        return lines
    }

    /// A module without anything public has nothing for users, and one with something is re-exported.
    @Test func warrantExportsTheModulesThatHavePublicDeclarations() throws {
        let umbrella = try String(
            contentsOf: Self.sources.appendingPathComponent("Warrant/Warrant.swift"),
            encoding: .utf8)
        let exported = umbrella.components(separatedBy: "\n")
            .filter { $0.hasPrefix("@_exported import ") }
            .map { String($0.dropFirst("@_exported import ".count)) }
        let faces: Set = ["Warrant", "WarrantCommand"]
        let open = try Self.publicLines().filter { !$0.value.isEmpty }.keys
        #expect(!exported.isEmpty)
        #expect(Set(exported) == Set(open).subtracting(faces))
    }

    @Test func nothingPublicHandsOutAPointer() throws {
        let lines = try Self.publicLines()
        #expect(lines.values.contains { !$0.isEmpty })
        for (module, lines) in lines {
            for line in lines {
                #expect(
                    !line.contains("Pointer<") && !line.contains("RawPointer")
                        && !line.contains("RawBufferPointer"), "\(module): \(line)")
            }
        }
    }
}
