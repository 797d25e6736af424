import Tensors

/// Which steps the rows of tables wait for. A row that a batch does not use moves all the same, by decay
/// and momentum; its steps are left out until the row is needed, and then made up for in one go.
struct WaitingRows {
    /// For each table how many of the steps each row has seen.
    private var seen: [[Int32]]

    /// Rows that have seen `count` steps, of all tables.
    init(_ tables: [Parameter], after count: Int = 0) {
        seen = tables.map { Array(repeating: Int32(count), count: $0.rows) }
    }

    /// Brings rows of a table up to date.
    ///
    /// - Parameters:
    ///   - rows: the same row may be named more than once; nil: every row.
    ///   - steps: how many there were.
    ///   - catchUp: does a row's steps from `from` on; rows are each given to one worker.
    mutating func prepare(
        _ rows: [Int32]?, of table: Int, steps: Int, _ workers: Workers,
        catchUp: @Sendable (_ row: Int, _ from: Int) -> Void
    ) {
        var due: [(row: Int, from: Int)] = []
        func note(_ row: Int) {
            guard Int(seen[table][row]) < steps else { return }
            due.append((row, Int(seen[table][row])))
            seen[table][row] = Int32(steps)
        }
        if let rows { rows.forEach { note(Int($0)) } } else { seen[table].indices.forEach(note) }
        let group = 64
        let all = due
        workers.run((all.count + group - 1) / group) { index, worker in
            worker.measure(.optimizer) {
                for (row, from) in all[(index * group)..<min(all.count, (index + 1) * group)] {
                    catchUp(row, from)
                }
            }
        }
    }

    /// Notes that a row takes the step after `steps` now.
    ///
    /// - Precondition: it was prepared.
    mutating func step(_ row: Int32, of table: Int, after steps: Int) {
        precondition(Int(seen[table][Int(row)]) == steps, "row \(row) was not prepared")
        seen[table][Int(row)] += 1
    }
}
