/// Something that is allowed and seldom meant, such as a dev text that also stands in train.
public struct Notice: Sendable, Equatable {
    /// What it is about.
    public enum Kind: Sendable, Hashable {
        /// Texts of dev or test also stand in train, with the same query.
        case sharedTexts
        /// Rows with the same text and query have different labels.
        case severalLabels
        /// Labels differ only in case, in white space, or as numbers are written.
        case similarLabels
        /// Rows of one class write its label with different Unicode code points.
        case composedLabels
        /// Rows of a file have the same id.
        case repeatedIDs
        /// Human rationales hold nearly all words of most texts.
        case broadRationales
        /// A set has no row of a class.
        case classesWithoutRows
        /// A trained model predicts none of a class's dev documents, or of any, as that class.
        case classesNeverPredicted
        /// A model's loss ended far above its beginning.
        case risenLoss
    }

    /// What it is about.
    public let kind: Kind
    /// How many texts, rows, labels or classes are concerned; 1 for a loss.
    public let count: Int
    /// The count, an example with its place, and what to do, on one line.
    public let message: String
}
