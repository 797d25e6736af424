import Datasets
import JSON

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension EraserResult {
    /// Reads a result file: JSON lines, blank ones left out.
    ///
    /// Only the form is checked here; `EraserSplit.verify` checks what it says.
    ///
    /// - Throws: ``DatasetError`` of kind `missingInput`, or ``EraserFlaws`` with every line that
    ///   is not a result, or one flaw where there is no line.
    /// - Complexity: O(bytes).
    public static func read(path: String) throws -> [EraserResult] {
        let lines = try LineReader(path: path, maximumLineBytes: EraserDocumentSizes.maximumBytes)
        var flaws = EraserFlaws()
        var results: [EraserResult] = []
        while let line = try Self.next(of: lines, &flaws) {
            do throws(DatasetError) {
                guard
                    var row: Self = try line.object(
                        at: lines.location,
                        like: #"{"annotation_id": "…", "rationales": […]}"#, { try $0.decoded() })
                else {
                    continue
                }
                row.location = lines.location
                results.append(row)
            } catch {
                flaws.add(error)
            }
        }
        if flaws.isEmpty, results.isEmpty {
            flaws.add(
                DatasetError(
                    .badData, at: SourceLocation(file: lines.location.file),
                    "there are no results; expected one for each annotation"))
        }
        guard flaws.isEmpty else { throw flaws }
        return results
    }

    /// The next line; nil after the last one, and after one that is no text or too long, behind
    /// which nothing can be trusted.
    private static func next(
        of lines: LineReader, _ flaws: inout EraserFlaws
    ) throws(DatasetError) -> LineReader.Line? {
        do throws(DatasetError) {
            return try lines.next()
        } catch {
            if error.kind == .missingInput { throw error }
            flaws.add(error)
            return nil
        }
    }
}
