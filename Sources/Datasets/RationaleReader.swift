import JSON

/// Reads human rationales in the forms in which people bring them, and counts what was read as what.
///
/// A rationale is in the field `rationale`: pairs that count words, or a mask, one 0 or 1 a word. It can
/// also be in `rationales` (several masks, as HateXplain has them: a word counts that more than half
/// of them hold), among doccano's labels (`[[start, end, name]]`), in `entities`, or in a Label Studio
/// task; these count characters.
struct RationaleReader {
    /// What was found in a row.
    enum Marks {
        case spans(MarkedSpans)
        case masks([[Bool]], field: String)
    }

    private let file: String
    /// What numbers count, where the user says so.
    private let unit: RationaleUnit?
    /// How many rows were read in which way, in the order in which the ways were met.
    private var ways: [(way: String, rows: Int)] = []
    /// Rows of pairs that were taken for words without anybody saying so.
    private var assumed = 0
    /// How many of them begin and end with words when characters are counted.
    private var alignedAsCharacters = 0
    private var ignored: (location: SourceLocation, rows: Int)?

    init(file: String, unit: RationaleUnit?) {
        self.file = file
        self.unit = unit
    }

    /// What people marked in a row; nil for nothing.
    ///
    /// - Throws: ``JSONRowProblem`` for a field `rationale` in a form that is not known.
    mutating func marks(
        _ row: JSONFields, task: LabelStudioTask?, at location: SourceLocation
    ) throws(JSONRowProblem) -> Marks? {
        if let field = row["rationale"] { return try marks(of: field) }
        if let field = row["rationales"] {
            // It may be of other data, which were never read.
            do throws(JSONRowProblem) { return try marks(of: field) } catch {
                if unit != nil { throw error }
                ignored = (ignored?.location ?? location, (ignored?.rows ?? 0) + 1)
                return nil
            }
        }
        if let task { return task.spans.map { .spans($0) } }
        if let field = row["label"], field.kind == .array,
            let spans = MarkedSpans(triples: try field.value().array ?? [], field: field.name)
        {
            return .spans(spans)
        }
        if let field = row["entities"], field.kind == .array,
            let spans = MarkedSpans(entities: try field.value().array ?? [], field: field.name)
        {
            return .spans(spans)
        }
        return nil
    }

    private func marks(of field: JSONField) throws(JSONRowProblem) -> Marks? {
        guard field.kind == .array else {
            throw field.problem(
                "is not an array; expected pairs of whole numbers, [first word, word after the last], or a "
                    + "mask of 0 and 1, one a word: correct it")
        }
        let elements = try field.value().array ?? []
        if elements.isEmpty { return nil }
        if unit == nil || unit == .mask {
            if let mask = Self.mask(elements) { return .masks([mask], field: field.name) }
            let masks = elements.map { $0.array.flatMap(Self.mask) }
            // Pairs such as [0, 1] could be masks of two words.
            let areLongerThanPairs = elements.allSatisfy { $0.array?.count ?? 0 > 2 }
            if masks.allSatisfy({ $0 != nil }),
                unit == .mask || field.name == "rationales" || areLongerThanPairs
            {
                return .masks(masks.compactMap { $0 }, field: field.name)
            }
            guard unit != .mask else {
                throw field.problem(
                    "is not a mask; expected a list of 0 and 1, one a word, or several of them: correct it, "
                        + "or leave --rationale-unit out")
            }
        }
        let spans =
            MarkedSpans(pairs: elements, field: field.name)
            ?? MarkedSpans(triples: elements, field: field.name)
            ?? MarkedSpans(entities: elements, field: field.name)
        guard let spans else {
            throw field.problem(
                "is in no form that is known; expected pairs of whole numbers, [first word, word after the "
                    + "last], or a mask of 0 and 1, one a word: correct it")
        }
        return .spans(spans)
    }

    private static func mask(_ elements: [JSONValue]) -> [Bool]? {
        var mask: [Bool] = []
        for element in elements {
            switch element {
            case .number(0), .boolean(false): mask.append(false)
            case .number(1), .boolean(true): mask.append(true)
            default: return nil
            }
        }
        return mask.isEmpty ? nil : mask
    }

    /// The words that are marked, as ascending and disjoint ranges; nil where none is.
    ///
    /// - Returns: the words, and where the marks are in UTF-8 unless words were counted.
    /// - Throws: ``JSONRowProblem`` for what is not within the text.
    mutating func words(
        _ marks: Marks, in text: String
    ) throws(JSONRowProblem) -> (words: [Range<Int>], marks: [Range<Int>]?)? {
        let text = WordSpans(text)
        let ranges: [Range<Int>]
        var places: [Range<Int>]?
        switch marks {
        case .masks(let masks, let field):
            for mask in masks where mask.count != text.words.count {
                throw JSONRowProblem(
                    message:
                        "a mask in the field \(DatasetError.quoteName(field)) has \(mask.count) "
                        + "entries; expected \(text.words.count), one for each word of the text")
            }
            note(
                field,
                masks.count > 1
                    ? "masks over the words, of which more than half must hold a word"
                    : "masks over the words")
            ranges = mostlyMarked(masks)
        case .spans(let spans):
            let unit = self.unit ?? Self.unit(of: spans, in: text)
            let counted = try self.ranges(spans, unit, in: text)
            if unit == .words {
                ranges = counted
            } else {
                places = mergedRanges(text.bytes(of: counted, in: unit))
                ranges = text.words(overlapping: places ?? [])
            }
        }
        let merged = mergedRanges(ranges)
        // As in ERASER's rows: nothing marked is no rationale.
        return merged.isEmpty ? nil : (merged, places)
    }

    /// Spans as ranges of a unit within the text.
    private mutating func ranges(
        _ marked: MarkedSpans, _ unit: RationaleUnit, in text: WordSpans
    ) throws(JSONRowProblem) -> [Range<Int>] {
        let count = text.count(of: unit)
        var ranges: [Range<Int>] = []
        for span in marked.spans {
            let range = "[\(span.start), \(span.end)]"
            guard span.start <= span.end else {
                throw JSONRowProblem(
                    message: "the rationale range \(range) is inverted; expected the first of its "
                        + "\(unit.plural) and the one after the last")
            }
            guard span.start >= 0, span.end <= count else {
                let fits =
                    span.start >= 0 && unit == .words && span.end <= text.count(of: .characters)
                throw JSONRowProblem(
                    message: "the rationale range \(range) is outside the text, which has \(count) "
                        + unit.plural
                        + (fits
                            ? "; counted in characters it is within: give --rationale-unit characters if that "
                                + "is what it counts"
                            : "; expected numbers of \(unit.plural): correct it, or say what it counts with "
                                + "--rationale-unit, one of \(RationaleUnit.names)"))
            }
            ranges.append(span.start..<span.end)
        }
        if self.unit == nil, marked.unit == nil, ranges.contains(where: { !$0.isEmpty }) {
            assumed += 1
            alignedAsCharacters += text.areAligned(ranges.filter { !$0.isEmpty }) ? 1 : 0
        }
        note(marked.field, "\(unit.plural) of the text")
        return ranges
    }

    /// What spans count: where they repeat what stands there, the unit in which it does.
    private static func unit(of marked: MarkedSpans, in text: WordSpans) -> RationaleUnit {
        guard let usual = marked.unit else { return .words }
        let repeated = marked.spans.filter { $0.text != nil }
        guard !repeated.isEmpty else { return usual }
        let utf8 = Array(text.text.utf8)
        return [usual, .characters, .utf16, .bytes].first { unit in
            let count = text.count(of: unit)
            guard repeated.allSatisfy({ 0 <= $0.start && $0.start <= $0.end && $0.end <= count })
            else { return false }
            let places = text.bytes(of: repeated.map { $0.start..<$0.end }, in: unit)
            return zip(repeated, places).allSatisfy { span, place in
                span.text.map { utf8[place].elementsEqual($0.utf8) } ?? true
            }
        } ?? usual
    }

    private mutating func note(_ field: String, _ form: String) {
        let way = "as \(form) (field \(DatasetError.quote(field)))"
        if let index = ways.firstIndex(where: { $0.way == way }) {
            ways[index].rows += 1
        } else {
            ways.append((way, 1))
        }
    }

    /// What was read as what, for people; empty where there was nothing.
    var notices: [String] {
        var notices: [String] = []
        if !ways.isEmpty {
            let read = ways.map { "\($0.way) in \($0.rows == 1 ? "1 row" : "\($0.rows) rows")" }
            notices.append(
                "\(file): human rationales are read \(read.joined(separator: ", "))" + doubt)
        }
        if let ignored {
            notices.append(
                "\(ignored.location): the field \"rationales\" is no human rationale in a form that is "
                    + "known, and is not read (\(ignored.rows == 1 ? "1 row" : "\(ignored.rows) rows"))"
            )
        }
        return notices
    }

    /// Numbers that were taken for words and fit words' ends as characters: in four rows of five, and in
    /// two at least. One row may do so by chance.
    private var doubt: String {
        guard alignedAsCharacters >= 2, alignedAsCharacters * 5 >= assumed * 4 else { return "" }
        return
            "; but counted in characters they begin and end with words in \(alignedAsCharacters) of "
            + "\(assumed) rows: give --rationale-unit characters if that is what they count, or words to "
            + "confirm"
    }
}
