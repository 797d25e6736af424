@_exported import Classifiers
@_exported import Encoders
@_exported import Files
@_exported import Rationales
@_exported import Saliency
@_exported import Tensors
@_exported import Tokenization

/// This package's version.
public let warrantVersion = "0.1.0"
