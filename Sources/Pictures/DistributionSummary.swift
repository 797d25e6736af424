#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Quartiles, whiskers and density of some numbers.
package struct DistributionSummary: Sendable {
    /// The numbers in ascending order; at least one.
    let sorted: [Double]

    /// The summary of numbers; nil of none. All must be drawable.
    package init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        sorted = values.sorted()
    }

    /// The smallest number.
    var least: Double { sorted[0] }
    /// The largest number.
    var largest: Double { sorted[sorted.count - 1] }
    /// Half of the numbers lie below.
    var median: Double { quantile(0.5) }
    /// A quarter of the numbers lie below.
    var lowerQuartile: Double { quantile(0.25) }
    /// Three quarters of the numbers lie below.
    var upperQuartile: Double { quantile(0.75) }

    /// The arithmetic mean.
    var mean: Double { sorted.reduce(0) { $0 + $1 / Double(sorted.count) } }

    /// The outermost numbers that lie within 1.5 interquartile ranges of the quartiles (Tukey 1977).
    var whiskers: (lower: Double, upper: Double) {
        let reach = 1.5 * (upperQuartile - lowerQuartile)
        let inner = sorted.filter {
            lowerQuartile - reach <= $0 && $0 <= upperQuartile + reach
        }
        // A quartile lies between two numbers, so that a whisker could end inside of the box.
        return (
            min(inner.first ?? least, lowerQuartile), max(inner.last ?? largest, upperQuartile)
        )
    }

    /// The numbers beyond the whiskers.
    var outliers: [Double] {
        let (lower, upper) = whiskers
        return sorted.filter { $0 < lower || $0 > upper }
    }

    /// A quantile, between two numbers by linear interpolation: type 7 of Hyndman and Fan 1996, the
    /// default of R and NumPy.
    package func quantile(_ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
    }

    /// The density at evenly spaced places from the smallest number to the largest, with a Gaussian
    /// kernel. Its bandwidth is Silverman's 0.9 · min(s, IQR / 1.34) · n^(-1/5) (1986, equation
    /// 3.31), s the standard deviation, which stands alone where the quartiles are equal; but it is
    /// at least the distance between two places. Only the density's shape counts: it is not divided
    /// by its integral. Equal numbers have no density: the result is empty.
    ///
    /// - Complexity: O(numbers · places).
    func density(places count: Int) -> [(value: Double, density: Double)] {
        let span = largest - least
        let mean = mean
        let variance =
            sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            / Double(max(1, sorted.count - 1))
        let quartiles = (upperQuartile - lowerQuartile) / 1.34
        let spread = quartiles > 0 ? min(variance.squareRoot(), quartiles) : variance.squareRoot()
        let distance = span / Double(count - 1)
        let bandwidth = max(0.9 * spread * pow(Double(sorted.count), -0.2), distance)
        guard bandwidth > 0 else { return [] }
        return (0..<count).map { index in
            let place = least + span * Double(index) / Double(count - 1)
            let density = sorted.reduce(0) { sum, value in
                let z = (value - place) / bandwidth
                return sum + exp(-z * z / 2)
            }
            return (place, density)
        }
    }
}
