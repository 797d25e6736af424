import Errors
import Files

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A folder that appears at its place only when it is complete.
///
/// It is made beside its place at once, under a random name, so that an unwritable place is found
/// before the work and not after. What runs that were killed left there is removed where it is
/// provably this package's and stale.
public struct PendingFolder: Sendable {
    /// Where to write.
    public let url: URL
    /// Where it is to stand, links resolved.
    package var place: String { item.place }
    /// What was found of runs that were killed: a line for each, for people.
    public let notices: [String]
    private let item: PendingItem
    private let overwrites: Bool

    /// Makes a hidden sibling of `destination`.
    ///
    /// - Parameter remedy: what to do where something stands there.
    /// - Throws: `WarrantError` where something stands there already (unless `overwrites` and it is a
    ///   model folder), or where the place is not writable.
    public init(
        for destination: URL, overwrites: Bool, remedy: String = "give another --output"
    ) throws {
        // A link stays a link: what it points to is written.
        let destination = destination.standardizedFileURL.resolvingSymlinksInPath()
        if (try? FileManager.default.destinationOfSymbolicLink(atPath: destination.path)) != nil {
            throw WarrantError(
                .unwritable,
                "\(destination.path): is a link to nothing; remove it, or give another --output")
        }
        if FileManager.default.fileExists(atPath: destination.path) {
            guard overwrites else {
                throw WarrantError(
                    .unwritable,
                    "\(destination.path): exists already; \(remedy)")
            }
            guard ModelFolder.isModel(destination.path) else {
                throw WarrantError(
                    .unwritable,
                    "\(destination.path): is not a model folder, or holds other files too, so it is not "
                        + "overwritten; give another --output")
            }
        }
        let leftovers = Leftovers.clear(
            beside: destination.path, isFinished: ModelFolder.isModel)
        try self.init(
            beside: destination, overwrites: overwrites,
            notices: leftovers.map { $0.notice(of: destination.path) })
    }

    /// Makes a hidden sibling of `destination`, whatever stands there.
    ///
    /// - Throws: `WarrantError` where the place is not writable.
    package init(beside destination: URL, overwrites: Bool, notices: [String] = []) throws {
        let parent = destination.deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            item = try PendingItem(folder: destination.path)
        } catch {
            throw WarrantError(
                .unwritable,
                "\(destination.path): cannot be written; check that \(parent.path) is a writable "
                    + "folder")
        }
        url = URL(filePath: item.path, directoryHint: .isDirectory)
        self.overwrites = overwrites
        self.notices = notices
    }

    /// Puts the folder in its place, in one step in place of a model that stands there (where it
    /// `overwrites`), and waits until that is on the disk.
    ///
    /// - Throws: `WarrantError` naming the place, and where the finished folder is kept.
    public func commit() throws {
        do {
            try item.commit(replacing: overwrites ? .folder(ModelFolder.isModel) : .nothing)
        } catch {
            // The work is not thrown away.
            let digits = url.lastPathComponent.split(separator: ".").dropLast().last ?? "warrant"
            let kept = item.keep(at: "\(item.place).finished.\(digits)")
            throw WarrantError(
                .unwritable,
                kept.map { "\(error.path): \(error.problem); the finished folder is \($0)" }
                    ?? error.description)
        }
    }

    /// Removes what was written; nothing is left, even while another thread is still writing.
    public func discard() { item.discard() }
}
