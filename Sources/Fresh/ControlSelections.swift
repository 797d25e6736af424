import Models
import Randomness
import Rationales
import Training

extension Control {
    /// The control's selections, as long as `selections` document by document (`remaining`: the rest).
    ///
    /// - Parameters:
    ///   - selections: the model's, for each document of each set.
    ///   - words: how many words each document has.
    ///   - seed: of `random`.
    package func selections(
        like selections: Splits<[[Int]]>, words: Splits<[Int]>, seed: UInt64
    ) -> Splits<[[Int]]> {
        var generator = SeededGenerator(seed: seed, stream: "controls")
        return selections.zip(words).map { selections, words in
            zip(selections, words).map { selection, count in
                switch self {
                case .first: return Array(0..<selection.count)
                case .remaining:
                    let selected = Set(selection)
                    return (0..<count).filter { !selected.contains($0) }
                case .random: return Self.scattered(selection, words: count, &generator)
                }
            }
        }
    }

    /// The maximal runs of a selection, in another order and in other places: every way to place
    /// them, with a word between them at least, is as likely.
    private static func scattered(
        _ selection: [Int], words: Int, _ generator: inout SeededGenerator
    ) -> [Int] {
        let runs = generator.shuffled(maximalRuns(of: selection).map(\.count))
        // Words beyond the runs and one between each two of them: before, between and after the runs
        // they stand as the places of the runs among all of both decide.
        let free = words - selection.count - max(0, runs.count - 1)
        let places = generator.shuffled(0..<(free + runs.count)).prefix(runs.count)
        var (scattered, taken): ([Int], Int) = ([], 0)
        for (place, length) in zip(places.sorted(), runs) {
            scattered += (place + taken)..<(place + taken + length)
            taken += length
        }
        return scattered
    }
}
