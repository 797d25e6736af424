import Foundation

/// The mean.
func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
}

/// The middle one, or the mean of the two in the middle.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// Kendall's tau-b by its definition: nil where a side is constant.
func tau(_ a: [Double], _ b: [Double]) -> Double? {
    var (agreement, left, right) = (0.0, 0.0, 0.0)
    for i in a.indices {
        for j in a.indices where i < j {
            let (x, y) = ((a[i] - a[j]).signum, (b[i] - b[j]).signum)
            agreement += x * y
            left += x * x
            right += y * y
        }
    }
    return left == 0 || right == 0 ? nil : agreement / (left * right).squareRoot()
}

/// The Jensen-Shannon divergence by its definition, in nats.
func jensenShannon(_ p: [Double], _ q: [Double]) -> Double {
    zip(p, q).reduce(0) { sum, pair in
        let middle = (pair.0 + pair.1) / 2
        return sum
            + [pair.0, pair.1].filter { $0 > 0 }.reduce(0) { $0 + $1 * log($1 / middle) / 2 }
    }
}

extension Double {
    /// -1, 0 or 1.
    fileprivate var signum: Double { self > 0 ? 1 : self < 0 ? -1 : 0 }
}
