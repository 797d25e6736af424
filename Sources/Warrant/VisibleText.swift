extension String {
    /// The text with everything that could break a line, steer a terminal or hide in it shown as
    /// `\u{…}`: control and format characters (Unicode's categories Cc and Cf, the marks that turn
    /// the writing direction among them), line and paragraph separators (Zl, Zp).
    ///
    /// - Complexity: O(length); text without such characters is returned as it is.
    package var visible: String {
        guard unicodeScalars.contains(where: \.isUnsafeToShow) else { return self }
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.isUnsafeToShow {
                text.append(
                    contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            } else {
                text.append(scalar)
            }
        }
        return String(text)
    }
}

extension Unicode.Scalar {
    fileprivate var isUnsafeToShow: Bool {
        if isASCII { return value < 0x20 || value == 0x7F }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }
}
