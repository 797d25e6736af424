import Errors
import Files

/// A kind of classifier that a folder may hold.
package struct TextClassifierKind: Sendable {
    /// What `config.json` calls it under `model_type`.
    package let modelTypes: [String]
    /// Opens a trained classifier.
    let open: @Sendable (FolderFiles) throws -> any TextClassifier
}

/// The kinds of classifiers that a folder may hold. A kind is one file and one element of `all`.
package enum TextClassifiers {
    /// Every kind.
    package static let all = [SequenceClassifier.kind, WordClassifier.kind]

    /// A trained classifier from its folder, of the kind that `config.json` names.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`, `FileError`, each naming the file.
    package static func open(_ folder: FolderFiles) throws -> any TextClassifier {
        let file = try ConfigurationFile(folder)
        let type = try file.string("model_type") ?? EncoderFamily.bert.rawValue
        guard let kind = all.first(where: { $0.modelTypes.contains(type) }) else {
            let known = all.flatMap(\.modelTypes).map { "\"\($0)\"" }
            throw file.error(
                "model_type is \"\(printable(type, limit: 100))\"; expected "
                    + known.joined(separator: ", "))
        }
        return try kind.open(folder)
    }
}
