/// A label is a text. Whole numbers are written without a fraction, in JSON as in tables, so that `1`,
/// `1.0` and the cell `1.0` are one label; other numbers are refused, for regression is not supported.
enum RowLabel {
    /// The label of a table's cell; nil for an empty one.
    ///
    /// - Throws: ``JSONRowProblem`` for a number that is not whole.
    static func label(ofCell cell: String) throws(JSONRowProblem) -> String? {
        if let whole = wholeNumber(cell) { return whole }
        guard !isNumber(cell) else { throw regression("the label is \(cell)", number: cell) }
        return cell
    }

    /// The label that a field holds: a string, a number, a boolean, or a list of one of them.
    ///
    /// - Returns: nil for an empty list and for a list of spans, ``MarkedSpans``.
    /// - Throws: ``JSONRowProblem`` for several labels, a number that is not whole, an object.
    static func label(of field: JSONField) throws(JSONRowProblem) -> String? {
        switch field.kind {
        case .string: return field.string
        case .boolean: return field.literal
        case .null: return nil
        case .number:
            if let whole = wholeNumber(field.literal) { return whole }
            let name = DatasetError.quoteName(field.name)
            throw regression(
                "the field \(name) is \(field.literal.prefix(40))", number: field.literal)
        case .object:
            throw field.problem(
                "is an object; expected the label as a text: name its field with --label-column")
        case .array: return try label(ofList: field)
        }
    }

    private static func label(ofList field: JSONField) throws(JSONRowProblem) -> String? {
        let elements = try field.value().array ?? []
        if elements.isEmpty || MarkedSpans(triples: elements, field: field.name) != nil {
            return nil
        }
        guard elements.count == 1 else { throw field.problem("is a list: \(severalLabels)") }
        switch elements[0] {
        case .string(let text): return text
        case .boolean(let flag): return flag ? "true" : "false"
        case .number(let number):
            if let whole = Int(exactly: number) { return "\(whole)" }
            let name = DatasetError.quoteName(field.name)
            throw regression("the field \(name) holds \(number)", number: "\(number)")
        case .wholeNumber(let number): return "\(number)"
        case .null: return nil
        case .array, .object:
            throw field.problem("is a list of lists or objects; expected one label as a text")
        }
    }

    /// The label that was chosen in a Label Studio task; nil where none was.
    ///
    /// - Throws: ``JSONRowProblem`` for several.
    static func label(ofChoices choices: [String]) throws(JSONRowProblem) -> String? {
        guard choices.count < 2 else {
            throw JSONRowProblem(
                message: "the annotation has \(choices.count) choices: \(severalLabels)")
        }
        return choices.first
    }

    private static let severalLabels =
        "several labels for one text (multi-label) are not supported; expected one label a row: keep the "
        + "one to predict, or train a model for each label"

    private static func regression(_ found: String, number: String) -> JSONRowProblem {
        JSONRowProblem(
            message:
                "\(found), a number that is not whole: regression is not supported; expected one of "
                + "several classes: cut the numbers into classes, or write classes as texts such as "
                + DatasetError.quote(number.prefix(20) + " stars"))
    }
}

extension Example {
    /// The row with its label as a model writes it: models of older versions have classes such as `1.0`,
    /// which rows now write `1`.
    package func labelled(as labels: [String]) -> Example {
        guard let label, !labels.contains(label),
            let known = labels.first(where: { wholeNumber($0) == label })
        else { return self }
        var row = self
        row.label = known
        return row
    }
}
