import Warrant

/// A table in plain text: the first column to the left, the others to the right.
struct TextTable {
    private var rows: [[String]]

    /// A table with its column heads.
    init(_ head: [String]) { rows = [head.map(\.visible)] }

    /// Adds a row; it has as many cells as the head. A cell is shown on one line.
    mutating func add(_ row: [String]) {
        precondition(row.count == rows[0].count, "a cell for each column")
        rows.append(row.map(\.visible))
    }

    /// Lines, each ended by a line break.
    var text: String {
        let widths = rows[0].indices.map { column in
            rows.map { $0[column].unicodeScalars.count }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let space = String(
                    repeating: " ", count: widths[column] - cell.unicodeScalars.count)
                return column == 0 ? cell + space : space + cell
            }
            return Self.withoutTrailingSpace(cells.joined(separator: "  ")) + "\n"
        }.joined()
    }

    private static func withoutTrailingSpace(_ line: String) -> String {
        var scalars = line.unicodeScalars[...]
        while scalars.last == " " { scalars.removeLast() }
        return String(scalars)
    }
}
