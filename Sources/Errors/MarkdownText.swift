extension String {
    /// Text that is not this package's, such as a name from a file, on one line and without a meaning
    /// in Markdown: every mark that could begin emphasis, code, a link, a tag, an entity or a table's
    /// cell is escaped (CommonMark 2.4; GitHub's tables).
    package var plainMarkdown: String {
        let marks: Set<Unicode.Scalar> = [
            "\\", "`", "|", "<", ">", "[", "]", "*", "_", "&", "~",
        ]
        var plain = String.UnicodeScalarView()
        for scalar in visible.unicodeScalars {
            if marks.contains(scalar) { plain.append("\\") }
            plain.append(scalar)
        }
        return String(plain)
    }
}
