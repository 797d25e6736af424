import Files

/// The largest file that is read: a tokenizer's files take a few megabytes.
let largestTokenizerFile = 256 << 20

/// The largest file of settings that is read: their values take many times their bytes.
let largestSettingsFile = 16 << 20

extension FolderFiles {
    /// A tokenizer file's bytes, or nil where there is no such file.
    ///
    /// The size is bounded and devices and pipes are refused, since a model folder may come from
    /// anywhere.
    ///
    /// - Throws: `TokenizerError`.
    func tokenizerBytes(
        _ name: String, upTo limit: Int = largestTokenizerFile
    ) throws(TokenizerError) -> [UInt8]? {
        do { return try bytes(name, upTo: limit) } catch {
            throw .unreadable(file: error.path, problem: error.explanation)
        }
    }
}
