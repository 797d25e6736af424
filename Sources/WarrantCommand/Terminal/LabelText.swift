import Warrant

extension String {
    /// A class as tables and counts show it: in quotes where it has white space at an end or is
    /// empty, so that it can be told from others.
    var asLabel: String {
        let words = wordRanges(in: self)
        let isPlain = words.first?.lowerBound == 0 && words.last?.upperBound == utf8.count
        return isPlain ? visible : quoted(self)
    }
}
