/// This package's version.
public let warrantVersion = "0.1.0"
