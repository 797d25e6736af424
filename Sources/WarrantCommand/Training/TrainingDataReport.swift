import Warrant

/// What is said of the data before training begins.
struct TrainingDataReport {
    private static let namedRows = 5
    private let data: TrainingData
    private let names: [TrainingSets.Name]

    init(_ data: TrainingData, _ names: [TrainingSets.Name]) {
        self.data = data
        self.names = names
    }

    /// Says how many documents and labels each set has, and which rows were left out.
    func say() {
        for (name, rows) in zip(names, [data.train, data.dev, data.test]) {
            let counts = data.labels.map { label in
                "\(label.asLabel) \(Figures.count(rows.count { $0.label == label }))"
            }
            let shown = counts.prefix(10).joined(separator: ", ") + (counts.count > 10 ? ", …" : "")
            let marked = rows.count { $0.rationale != nil }
            Messages.write(
                "\(name.role): \(Figures.count(rows.count, "document")) (\(name.name.visible)): \(shown)"
                    + (marked > 0 ? "; \(Figures.count(marked)) with a human rationale" : "") + "\n"
            )
        }
        for notice in DataNotices(data).all { Messages.say(notice.message) }
        for row in data.emptyRows.prefix(Self.namedRows) {
            Messages.say("\(row): the text has no words: the row is left out")
        }
        if data.emptyRows.count > Self.namedRows {
            Messages.say("\(Figures.count(data.emptyRows.count)) rows without words are left out")
        }
    }

    /// Says how many documents are longer than one chunk, before the work and not after.
    ///
    /// - Throws: `TokenizerError`; `DatasetError` for a query that leaves no room.
    static func checkLengths(
        _ data: TrainingData, tokenizer: any Tokenizer,
        chunks: (documents: ChunkSize, rationales: ChunkSize), threads: Int
    ) throws {
        let rows = data.train + data.dev + data.test
        let chunk = chunks.documents
        for row in rows { try tokenizer.checkRoom(row, chunks) }
        // A piece takes a byte at least: short texts need no count.
        let workers = Workers(threads: threads)
        func counts(_ rows: [Example]) throws -> [Int] {
            let candidates = rows.filter {
                $0.text.utf8.count + ($0.query?.utf8.count ?? 0) + 8 >= chunk.length
            }
            return try tokenizer.chunks(candidates.map(\.document), chunk, workers: workers)
                .map(\.chunks.count).filter { $0 > 1 }
        }
        let trained = try counts(data.train)
        let counts = try trained + counts(data.dev + data.test)
        guard let most = counts.max() else { return }
        Messages.say(
            "\(Figures.count(counts.count)) of \(Figures.count(rows.count, "document")) are longer "
                + "than \(chunk.length) tokens: they are read in chunks, "
                + "\(decimalText(Double(counts.reduce(0, +)) / Double(counts.count), places: 1)) on "
                + "average and \(most) at most"
                + (trained.contains { $0 > ChunkRun.longest }
                    ? "; a step of training reads \(ChunkRun.longest) of them in a row" : ""))
    }
}
