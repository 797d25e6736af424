import Tokenization

/// The texts of a JSON row: its text, its query, its id.
enum RowText {
    /// The field of a list of words, which are joined by spaces where there is no text.
    static let tokens = "tokens"

    /// A row's text. Null is a text without words.
    ///
    /// - Parameters:
    ///   - names: the fields that may hold it, in the order in which they are tried.
    ///   - isNamed: whether the user named the field, which may then hold a list of words.
    /// - Throws: ``JSONRowProblem``, which lists the fields where none of them is there.
    static func text(
        _ row: JSONFields, _ names: [String], isNamed: Bool
    ) throws(JSONRowProblem) -> String {
        guard let field = row.first(of: names) ?? (isNamed ? nil : row[tokens]) else {
            if names.contains(where: row.contains) || (!isNamed && row.contains(tokens)) {
                return ""
            }
            throw JSONRowProblem(
                message: "there is no field \(names.joined(separator: ", ")); the fields are "
                    + "\(row.listing): name the text's field with --text-column\(try listRemedy(row))"
            )
        }
        if let text = field.string { return text }
        guard field.kind == .array else {
            throw field.problem(
                "is not a string; expected the text: correct it, or name another field with --text-column"
            )
        }
        guard isNamed || field.name == tokens else {
            throw field.problem(
                "is a list and not a string; expected the text: where it is a list of words, name it with "
                    + "--text-column \(field.name)")
        }
        return try joined(field)
    }

    /// What to do with a file whose rows are a list within one object.
    private static func listRemedy(_ row: JSONFields) throws(JSONRowProblem) -> String {
        guard row.names.count <= 8 else { return "" }
        for name in row.names {
            guard let field = row[name], field.kind == .array, field.beginsWithObject else {
                continue
            }
            return "; if the rows are the elements of \(DatasetError.quote(name)): "
                + "jq -c '.\(name)[]' FILE"
        }
        return ""
    }

    /// A list of words as a text, each of them a word there.
    private static func joined(_ field: JSONField) throws(JSONRowProblem) -> String {
        let elements = try field.value().array ?? []
        var text = ""
        for (index, element) in elements.enumerated() {
            guard let token = element.string else {
                throw field.problem(
                    "holds \(element.summary) at position \(index); expected a list of words, each a string"
                )
            }
            guard wordRanges(in: token) == [0..<token.utf8.count] else {
                throw field.problem(
                    "holds \(DatasetError.quote(token)) at position \(index), which is "
                        + (token.isEmpty ? "empty" : "not one word but has white space")
                        + "; expected words, since rationales count them: correct it, or leave it out"
                )
            }
            text += (index == 0 ? "" : " ") + token
        }
        return text
    }

    /// A row's query; nil where there is none.
    static func query(_ field: JSONField?) throws(JSONRowProblem) -> String? {
        guard let field else { return nil }
        guard let query = field.string else {
            throw field.problem("is not a string; expected the query: correct it")
        }
        return query
    }

    /// A row's id: a string, or a number as it is written, but for a whole one without its fraction.
    static func id(_ field: JSONField?) throws(JSONRowProblem) -> String? {
        guard let field else { return nil }
        switch field.kind {
        case .string: return field.string
        case .number: return wholeNumber(field.literal) ?? field.literal
        default:
            throw field.problem("is not a string or a number; expected the row's id: correct it")
        }
    }
}
