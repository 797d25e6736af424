import Foundation
import Warrant

/// A reader of what comes from outside, given any bytes. It may refuse them with an error of this
/// package; nothing else may come of it, and no trap.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// A safetensors file.
    case safetensors
    /// A tokenizer's folder: files with `NAME` and a line break before each, 0x1E between them.
    case tokenizer
    /// Rows to train on or to classify: a letter for the format, a line break, then the file.
    case rows
    /// Lines of `warrant classify --certificates`; `@DIGEST@`, `@FILES@` (for versions before 3) and
    /// `"@READING@"` stand for what names the model's classifier.
    case certificates
    /// A `warrant.json`; `"@FILES@"` stands for the digests of the model's files, `@SEAL@` for its own.
    case manifest
    /// A split of ERASER, 0x1E, and a result file for it.
    case eraser

    /// What a reader threw that is no error of this package.
    public struct Untyped: Error, CustomStringConvertible {
        /// The error.
        public let description: String
    }

    /// Gives the reader the bytes.
    ///
    /// - Returns: whether it took them for what it reads.
    /// - Throws: `Untyped` where the reader throws what it should not, or says nothing.
    @discardableResult
    public func run(_ input: [UInt8]) throws -> Bool {
        let fixture = try FuzzFixture.shared.get()
        do {
            switch self {
            case .safetensors: try fixture.readTensors(input)
            case .tokenizer: try fixture.readTokenizer(input)
            case .rows: try fixture.readRows(input)
            case .certificates: try fixture.readCertificates(input)
            case .manifest: try fixture.readManifest(input)
            case .eraser: try fixture.readEraser(input)
            }
            return true
        } catch {
            guard Self.isTyped(error), !"\(error)".isEmpty else {
                throw Untyped(description: "\(type(of: error)): \(error)")
            }
            return false
        }
    }

    private static func isTyped(_ error: any Error) -> Bool {
        error is any DescribedError || error is EraserFlaws
    }
}
