import Foundation
import FuzzEntries
import Testing

/// Every input of the corpora, and each cut short and with single bytes changed, is read or refused
/// with an error of this package.
@Suite("Replay of the fuzzing corpora", .serialized)
struct ReplayTests {
    private static let corpora = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Corpus")

    @Test(arguments: FuzzTarget.allCases)
    func everyInputIsReadOrRefused(_ target: FuzzTarget) throws {
        let folder = Self.corpora.appendingPathComponent(target.rawValue)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names.count >= 3, "the corpus of \(target) is there")
        var accepted = 0
        for name in names {
            let input = Array(try Data(contentsOf: folder.appendingPathComponent(name)))
            if try target.run(input) { accepted += 1 }
            // Where a file ends early, and where one byte is another: spread over the whole.
            for step in 1...8 {
                try target.run(Array(input.prefix(input.count * step / 9)))
                var other = input
                guard !other.isEmpty else { continue }
                other[(input.count - 1) * step / 8] ^= UInt8(1 << (step - 1))
                try target.run(other)
            }
        }
        #expect(accepted >= 2, "the corpus of \(target) holds what is read, and not only refused")
    }
}
