import ArgumentParser
import AttentionModels
import Encoders
import Files
import Fresh
import Warrant

/// What `--encoder` names: a transformer's folder, or one of the encoders of words.
enum EncoderChoice {
    case folder(PretrainedEncoder)
    case words(AttentionOptions)

    /// Whether a name is one of an encoder of words; a folder of that name is given as a path.
    static func isOfWords(_ name: String) -> Bool { WordEncoders.names.contains(name) }

    /// The encoder of a name or path.
    ///
    /// - Throws: `EncoderError`, `WarrantError`, `FileError` where it cannot be.
    init(_ name: String, _ words: WordEncoderOptions) throws {
        if Self.isOfWords(name) {
            self = .words(try words.options(name))
        } else {
            let encoder = PretrainedEncoder(FolderFiles(try Messages.locate(name).path))
            _ = try encoder.configuration()
            self = .folder(encoder)
        }
    }

    /// What classifiers of these rows begin from.
    ///
    /// - Throws: as `WordEncoderOrigin`.
    func origin(for data: TrainingData) throws -> any ClassifierOrigin {
        switch self {
        case .folder(let encoder): encoder
        case .words(let options): try WordEncoderOrigin(options, data: data)
        }
    }
}
