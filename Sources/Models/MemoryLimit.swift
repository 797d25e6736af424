import Datasets
import Errors
import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How much memory passes through a model may take at the same time.
public struct MemoryLimit: Sendable, Hashable {
    /// In bytes.
    public let bytes: Double

    /// A limit of so many bytes.
    public init(bytes: Double) { self.bytes = bytes }

    /// A size such as `800M` or `1.5G`: in bytes or, with K, M, G or T, in powers of 1,024; nil for text
    /// that is no positive size.
    public init?(_ text: String) {
        var digits = text[...]
        var scale = 1.0
        if let unit = digits.utf8.last, let power = Array("KMGT".utf8).firstIndex(of: unit & 0xDF),
            unit >= UInt8(ascii: "A")
        {
            digits = digits.dropLast()
            for _ in 0...power { scale *= 1_024 }
        }
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }),
            let number = Double(digits), number * scale >= 1, (number * scale).isFinite
        else { return nil }
        bytes = number * scale
    }

    /// Four fifths of the memory that the machine has, or of what the process or its control group is
    /// limited to.
    public static let ofMachine: MemoryLimit = {
        var most = Double(ProcessInfo.processInfo.physicalMemory)
        for limit in [addressSpace, controlGroup].compactMap({ $0 }) { most = min(most, limit) }
        return MemoryLimit(bytes: 0.8 * most)
    }()

    /// How many passes of so many bytes fit.
    package func passes(of size: Double) -> Int {
        Int(min(bytes / max(size, 1), 1_048_576))
    }

    private static var addressSpace: Double? {
        var limit = rlimit()
        #if canImport(Glibc)
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
        #else
        guard getrlimit(RLIMIT_AS, &limit) == 0 else { return nil }
        #endif
        return Double(limit.rlim_cur)
    }

    /// The least limit of the process's control group and those around it, of version 2 or 1; nil where
    /// there is none.
    private static var controlGroup: Double? {
        #if os(Linux)
        let groups = text(of: "/proc/self/cgroup") ?? ""
        var limits: [Double] = []
        for line in groups.utf8.split(separator: UInt8(ascii: "\n")) {
            // hierarchy:controllers:path
            let parts = line.split(
                separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false
            ).map { String(decoding: $0, as: UTF8.self) }
            guard parts.count == 3 else { continue }
            let isFirst = parts[1].split(separator: ",").contains("memory")
            guard isFirst || parts[1].isEmpty else { continue }
            let (root, file) =
                isFirst
                ? ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
                : ("/sys/fs/cgroup", "memory.max")
            // A group within a container may stand at the root, whatever its path is called.
            var folder = parts[2].split(separator: "/")
            while true {
                let path = ([root] + folder.map(String.init) + [file]).joined(separator: "/")
                if let limit = text(of: path).flatMap({ number(in: $0) }) { limits.append(limit) }
                if folder.popLast() == nil { break }
            }
        }
        return limits.min()
        #else
        return nil
        #endif
    }

    private static func text(of path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// The number that a file of one line holds; nil for `max`.
    private static func number(in text: String) -> Double? {
        Double(String(decoding: text.utf8.prefix { (0x30...0x39).contains($0) }, as: UTF8.self))
    }
}

extension MemoryLimit {
    /// The size in words for people.
    private static func sizeText(_ bytes: Double) -> String {
        switch bytes {
        case ..<1e4: "\(Int(bytes)) bytes"
        case ..<1e7: decimalText(bytes / 1e6, places: 2) + " MB"
        case ..<1e12: decimalText(bytes / 1e9, places: 2) + " GB"
        default: "more than 1,000 GB"
        }
    }

    /// Complains about a row of which one chunk takes more memory than the limit allows.
    ///
    /// - Parameters:
    ///   - what: who needs the memory, for the error.
    ///   - remedy: what can be done.
    ///   - bytes: the memory that a chunk of so many tokens takes.
    /// - Throws: `DatasetError` that names the row, `TokenizerError`.
    package func check(
        _ row: Example, in chunk: ChunkSize, _ tokenizer: any Tokenizer, what: String,
        remedy: String, bytes: (_ tokens: Int) -> Double
    ) throws {
        // There are no more pieces than bytes: most rows need no count.
        let most = min(chunk.length, row.text.utf8.count + (row.query?.utf8.count ?? 0) + 8)
        guard bytes(most) > self.bytes else { return }
        let chunks = try tokenizer.chunks(of: row.text, query: row.query, chunk).chunks
        let longest = chunks.map(\.ids.count).max() ?? 0
        let needed = bytes(longest)
        guard needed > self.bytes else { return }
        throw DatasetError(
            .badData, at: row.location,
            "\(what) needs about \(Self.sizeText(needed)) of memory for \(longest) tokens at a time, and "
                + "the limit is \(Self.sizeText(self.bytes)); \(remedy)")
    }

    /// What a word of a long text takes until its answer is written: its pieces in overlapping chunks,
    /// its scores, and its places. Measured with words of one letter, each of one piece.
    private static let bytesOfWord = 130.0

    /// The most words of a document, whatever the limit: with its row in memory several times over it
    /// stays below a gigabyte.
    package static let mostWords = 1 << 22

    /// Complains about a row that has more words than the limit allows.
    ///
    /// - Throws: `DatasetError` that names the row.
    fileprivate func checkWords(_ row: Example, _ rule: WordRule) throws {
        let most = min(Double(Self.mostWords), bytes / Self.bytesOfWord)
        // There are no more words than bytes: most rows need no count.
        guard Double(row.text.utf8.count) > most else { return }
        let words = Self.count(of: row.text, by: rule)
        guard Double(words) > most else { return }
        if words > Self.mostWords {
            throw DatasetError(
                .badData, at: row.location,
                "the text has \(words) words; at most \(Self.mostWords) are read as one document: cut the "
                    + "text into several rows")
        }
        throw DatasetError(
            .badData, at: row.location,
            "the text has \(words) words, which need about "
                + "\(Self.sizeText(Self.bytesOfWord * Double(words))) of memory, and the limit is "
                + "\(Self.sizeText(bytes)); give a higher --memory-limit where there is more, or cut the "
                + "text into several rows")
    }

    /// Counts the words of a text in stretches of about a MiB that end at a space, so that a long text's
    /// words are not held.
    private static func count(of text: String, by rule: WordRule) -> Int {
        var rest = Substring(text).utf8
        var count = 0
        while !rest.isEmpty {
            let start = rest.index(rest.startIndex, offsetBy: 1 << 20, limitedBy: rest.endIndex)
            let end = start.flatMap { rest[$0...].firstIndex(of: 0x20) } ?? rest.endIndex
            count += rule.ranges(in: String(decoding: rest[..<end], as: UTF8.self)).count
            rest = rest[end...].dropFirst()
        }
        return count
    }
}

extension RationaleModel {
    /// Complains about a row that takes more memory than the limit allows while its words are scored.
    ///
    /// - Throws: `DatasetError` that names the row, what it takes and what can be done, `TokenizerError`.
    package func checkMemory(_ row: Example) throws {
        try extractor.memoryLimit.checkWords(row, manifest.words)
        try extractor.memoryLimit.check(
            row, in: extractor.chunk, extractor.tokenizer,
            what: manifest.usesTagger ? "the tagger" : "the scorer \"\(manifest.scorer)\"",
            remedy: "give a higher --memory-limit where there is more, or train with a shorter "
                + "--maximum-length or another --scorer",
            bytes: extractor.passBytes)
    }
}
