import Errors

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension Double {
    /// Whether the number can be placed on an axis: finite and within ±10¹⁰⁰, so that its square is
    /// finite too.
    var isDrawable: Bool { magnitude <= 1e100 }
}

/// 10ⁿ.
func powerOfTen(_ exponent: Int) -> Double { pow(10, Double(exponent)) }

/// The exponent of a number's first decimal digit: 2 of 250, -3 of 0.001. A number below 10⁻¹⁰⁰ in
/// size counts as 10⁻¹⁰⁰.
func decimalExponent(_ value: Double) -> Int {
    let size = max(value.magnitude, 1e-100)
    let exponent = Int(log10(size).rounded(.down))
    // The logarithm of a power of ten may be rounded down.
    return powerOfTen(exponent + 1) <= size ? exponent + 1 : exponent
}

/// A number as `2.5e-4`, with a given exponent.
func scientificText(_ value: Double, exponent: Int, places: Int) -> String {
    decimalText(value / powerOfTen(exponent), places: places) + "e\(exponent)"
}

/// A number with four significant digits: `0.03571`, `12.00`, `5.250e-7`; `–` where it is not finite.
func significantText(_ value: Double) -> String {
    guard value.isDrawable else { return "–" }
    guard value.magnitude >= 1e-100 else { return "0" }
    let exponent = decimalExponent(value)
    return (-4..<6).contains(exponent)
        ? decimalText(value, places: max(0, 3 - exponent))
        : scientificText(value, exponent: exponent, places: 3)
}

/// A number's text with a minus sign in place of the hyphen before it.
func withMinusSign(_ text: String) -> String {
    text.hasPrefix("-") ? "−" + text.dropFirst() : text
}

/// A place on the page, to a tenth of a pixel.
func coordinate(_ pixels: Double) -> String {
    let text = decimalText(pixels, places: 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
