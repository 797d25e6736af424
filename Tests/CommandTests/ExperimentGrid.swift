import TestSupport

extension TinyModel {
    /// Writes an experiment's file, `grid.json`: 2 seeds, 1 scorer with 1 control, 2 thresholders, 10
    /// cells.
    ///
    /// - Parameter more: members that the grid has besides.
    func grid(
        in folder: TemporaryFolder, _ more: String = "", epochs: Int = 1
    ) throws -> String {
        try folder.file(
            "grid.json",
            """
            {"encoder": "\(encoder)",
             "data": [{"name": "tiny", "train": "\(train)", "dev": "\(dev)",
                       "test_is_dev": true}],
             "scorers": ["cls-attention"], "thresholders": ["top-k", "contiguous"],
             "ratios": [0.3], "seeds": [0, 1], "controls": ["first"],
             "recipe": {"epochs": \(epochs), "batch_size": 8, "learning_rate": 1e-3}\(more)}
            """)
    }
}
