import Tensors
import TestSupport
import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Recordings {
    /// The documents that are short enough to be recorded in full.
    static let items = [0, 1, 3, 4]

    /// An item's document, all of whose tokens are words: so that none is left out.
    static func document(_ item: Int) throws -> TokenizedDocument {
        let ids = try forward().int32s("\(item).ids").map { Int32($0) }
        return TokenizedDocument(
            ids: ids, segmentIDs: ids.map { _ in 0 }, offsets: ids.map { _ in 0..<0 },
            wordIndices: ids.indices.map { Int32($0) },
            words: ids.indices.map { (2 * $0)..<(2 * $0 + 1) }, readWords: ids.count)
    }

    /// Networkx's maximum flow to each token, by item.
    static func flows() throws -> [String: [Double]] {
        struct Flows: Decodable { let flow_cls: [String: [Double]] }
        let data = try Data(contentsOf: folder.appendingPathComponent("attention_flow.json"))
        return try JSONDecoder().decode(Flows.self, from: data).flow_cls
    }
}
