import Foundation

/// Files outside of the package that some tests need, and are skipped without.
package enum Outside {
    /// Data and recordings: `WARRANT_SHARED`, or `shared` beside the package.
    package static let shared: URL = {
        if let path = environment["WARRANT_SHARED"] { return URL(fileURLWithPath: path) }
        // …/Tests/TestSupport/this file: three components below the package.
        var package = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { package.deleteLastPathComponent() }
        return package.deletingLastPathComponent().appendingPathComponent("shared")
    }()

    /// MiniLM: `WARRANT_ENCODER`, or the cache that `Scripts/fetch-encoder.sh` fills.
    package static let encoder: URL = {
        if let path = environment["WARRANT_ENCODER"] { return URL(fileURLWithPath: path) }
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        return URL(fileURLWithPath: cache).appendingPathComponent("warrant/all-MiniLM-L6-v2")
    }()

    /// Whether the encoder is there, weights and vocabulary.
    package static var hasEncoder: Bool {
        ["model.safetensors", "vocab.txt"].allSatisfy { exists(encoder.appendingPathComponent($0)) }
    }

    /// Whether data and recordings are there.
    package static var hasShared: Bool {
        ["data", "reference"].allSatisfy { exists(shared.appendingPathComponent($0)) }
    }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    private static func exists(_ file: URL) -> Bool {
        FileManager.default.fileExists(atPath: file.path)
    }
}
