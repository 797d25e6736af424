/// A problem inside a row that has no place of its own yet.
package struct JSONRowProblem: Error {
    let message: String
    /// The offset in the row of the byte at fault, where one is known.
    var offset: Int?
}
