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
    /// Whether the scalar's category is Cc, Cf, Zl or Zp in Unicode 17. A table, since what the
    /// standard library answers changes between toolchains, and such text stands in files too.
    fileprivate var isUnsafeToShow: Bool {
        switch value {
        case 0x00...0x1F, 0x7F...0x9F, 0xAD, 0x600...0x605, 0x61C, 0x6DD, 0x70F, 0x890...0x891,
            0x8E2, 0x180E, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2064, 0x2066...0x206F,
            0xFEFF, 0xFFF9...0xFFFB, 0x110BD, 0x110CD, 0x13430...0x1343F, 0x1BCA0...0x1BCA3,
            0x1D173...0x1D17A, 0xE0001, 0xE0020...0xE007F:
            return true
        default: return false
        }
    }
}
