/// The thresholders by name.
///
/// A thresholder is a file that holds its type, its name and its entry, and one element of
/// ``entries``; settings, options, help and model folders follow from these.
package enum Thresholders {
    /// A thresholder as commands and model folders know it.
    package struct Entry: Sendable {
        /// The name.
        package let name: ThresholderName
        /// What is selected, in a few words.
        package let summary: String
        /// The options that it takes.
        package let options: [ThresholderOption]
        /// Groups of options; of each group one must be given.
        let needs: [[ThresholderOption]]
        /// The cut-off that spends a budget over a data set, from the scores of its documents, the
        /// share of words, and the fewest of a document; nil: each document has its own budget.
        let calibrate: (@Sendable (_ scores: [[Float]], _ ratio: Double, _ minimum: Int) -> Double)?
        /// Makes the thresholder of settings that are in range and have what is needed.
        let make: @Sendable (ThresholderSettings) throws(ThresholderError) -> any Thresholder

        init(
            _ name: ThresholderName, _ summary: String, options: [ThresholderOption],
            needs: [[ThresholderOption]],
            calibrate: (
                @Sendable (_ scores: [[Float]], _ ratio: Double, _ minimum: Int) -> Double
            )? = nil,
            make:
                @escaping @Sendable (ThresholderSettings) throws(ThresholderError)
                -> any Thresholder
        ) {
            self.name = name
            self.summary = summary
            self.options = options
            self.needs = needs
            self.calibrate = calibrate
            self.make = make
        }

        /// A thresholder that keeps a share or a number of a document's words.
        init(
            _ name: ThresholderName, _ summary: String,
            make: @escaping @Sendable (Budget) -> any Thresholder
        ) {
            self.init(
                name, summary, options: [.ratio, .words], needs: [[.ratio, .words]]
            ) { settings throws(ThresholderError) in make(try settings.budget) }
        }

        /// A thresholder that spends a share of all words of a data set.
        init(
            _ name: ThresholderName, _ summary: String,
            calibrate:
                @escaping @Sendable (_ scores: [[Float]], _ ratio: Double, _ minimum: Int)
                -> Double,
            make: @escaping @Sendable (_ cutOff: Double, _ minimum: Int) -> any Thresholder
        ) {
            self.init(
                name, summary, options: [.ratio, .cutOff, .minimumWords],
                needs: [[.ratio, .cutOff], [.minimumWords]], calibrate: calibrate
            ) { settings throws(ThresholderError) in
                guard let cutOff = settings.cutOff else { throw .notCalibrated(settings.name) }
                return make(cutOff, try settings.given(settings.minimum, .minimumWords))
            }
        }
    }

    /// Every thresholder.
    package static let entries = [
        TopK.entry, Contiguous.entry, TopP.entry, Sentences.entry, GlobalTopK.entry,
        GlobalContiguous.entry, Threshold.entry,
    ]

    /// A line for each thresholder: name and what it selects.
    package static let descriptions = entries.map { "\($0.name.rawValue): \($0.summary)" }
}
