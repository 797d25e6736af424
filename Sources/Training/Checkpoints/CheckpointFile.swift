/// What a file of a checkpoint is to hold.
struct CheckpointFile {
    /// How many bytes it takes, about.
    let size: Int
    /// Writes it to a path, durably.
    let write: (_ path: String) throws -> Void
}
