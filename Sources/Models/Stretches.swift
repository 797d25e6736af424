extension Array {
    /// The indices in stretches of at most `count` elements, each ended early where its weights reach
    /// `weight`: work on long and short documents alike in bounded memory.
    package func stretches(
        of count: Int, upTo weight: Int, weighing measure: (Element) -> Int
    ) -> [Range<Int>] {
        var stretches: [Range<Int>] = []
        var (first, sum) = (0, 0)
        for index in indices {
            sum += measure(self[index])
            if index + 1 - first == count || sum >= weight {
                stretches.append(first..<(index + 1))
                (first, sum) = (index + 1, 0)
            }
        }
        if first < self.count { stretches.append(first..<self.count) }
        return stretches
    }
}
