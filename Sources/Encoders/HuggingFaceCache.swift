import Files

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The folder in which Hugging Face's tools keep what they downloaded:
/// `models--ORG--NAME/refs/main` holds the name of a commit, and `snapshots/COMMIT` its files, as
/// links into `blobs`.
///
/// Layout: <https://huggingface.co/docs/huggingface_hub/guides/manage-cache>.
struct HuggingFaceCache {
    static let prefix = "models--"

    /// The folder; nil where the environment names none.
    let folder: String?

    /// The cache that an environment names, in the order in which `huggingface_hub` asks.
    init(_ environment: [String: String]) {
        func value(_ name: String) -> String? {
            guard let value = environment[name], !value.isEmpty else { return nil }
            guard value.hasPrefix("~/"), let home = environment["HOME"] else { return value }
            return home + value.dropFirst()
        }
        folder =
            value("HF_HUB_CACHE") ?? value("HUGGINGFACE_HUB_CACHE")
            ?? value("HF_HOME").map { $0 + "/hub" }
            ?? value("XDG_CACHE_HOME").map { $0 + "/huggingface/hub" }
            ?? value("HOME").map { $0 + "/.cache/huggingface/hub" }
    }

    /// The folder of a model's files, at the commit that `refs/main` names; nil where the cache has
    /// no such model.
    ///
    /// - Throws: `EncoderError` where the cache has the model in part.
    func snapshot(of name: String) throws -> String? {
        guard let folder else { return nil }
        let model =
            "\(folder)/\(Self.prefix)" + name.split(separator: "/").joined(separator: "--")
        let reference = "\(model)/refs/main"
        guard FileManager.default.fileExists(atPath: reference) else { return nil }
        let bytes = try MappedFile.bytes(of: reference, upTo: 1_024)
        // A line break may follow it.
        let commit = String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
        guard EncoderLocation.isName(commit), !commit.contains("/") else {
            throw EncoderError.invalid(
                reference, "does not name a commit; get the encoder again: hf download \(name)")
        }
        let snapshot = "\(model)/snapshots/\(commit)"
        guard FileManager.default.fileExists(atPath: snapshot) else {
            throw EncoderError.missing(
                snapshot,
                expected: "the files of \(name) that refs/main names: hf download \(name)")
        }
        return snapshot
    }

    /// A model's files by its name, or by its last part where a single model of the cache has it; nil
    /// where there is none.
    ///
    /// - Throws: `EncoderError` where the cache has the model in part.
    func find(_ name: String) throws -> (name: String, snapshot: String)? {
        if let snapshot = try snapshot(of: name) { return (name, snapshot) }
        let names = fullNames(ofModel: name)
        guard names.count == 1, let snapshot = try snapshot(of: names[0]) else { return nil }
        return (names[0], snapshot)
    }

    /// The full names of the models that have a last part, such as
    /// `sentence-transformers/all-MiniLM-L6-v2` for `all-MiniLM-L6-v2`, in order.
    func fullNames(ofModel name: String) -> [String] {
        guard let folder, !name.contains("/") else { return [] }
        let names = (try? FolderEntry.all(in: folder))?.compactMap(\.name) ?? []
        return names.compactMap { entry in
            let parts = entry.split(separator: "--", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "models", parts[2] == name else { return nil }
            return "\(parts[1])/\(name)"
        }
    }

    /// Why there is no encoder of a name, and how to get it.
    func missing(_ name: String) -> EncoderError {
        let cache = folder.map { "in the Hugging Face cache \($0)" } ?? "in a Hugging Face cache"
        let owners = fullNames(ofModel: name)
        guard owners.count < 2 else {
            return .missing(
                name,
                expected: "one encoder of that name \(cache), which has "
                    + "\(owners.joined(separator: ", ")): give one of these names")
        }
        let isFetched = name.split(separator: "/").last == "all-MiniLM-L6-v2"
        // On the hub most encoders have an owner; that of this one is known.
        let download = isFetched ? "sentence-transformers/all-MiniLM-L6-v2" : name
        return .missing(
            name,
            expected:
                "a Hugging Face folder with config.json, or an encoder of that name \(cache): get "
                + "it with hf download \(download) (or huggingface-cli download \(download))"
                + (isFetched ? "; Scripts/fetch-encoder.sh gets it too, and prints its folder" : "")
        )
    }
}
