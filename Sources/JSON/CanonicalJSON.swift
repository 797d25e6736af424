/// The JSON Canonicalization Scheme (RFC 8785): one form for all texts of the same JSON value, so that
/// it can be signed.
///
/// Members are sorted by the UTF-16 code units of their names, there is no white space, strings escape
/// nothing but quotes, backslashes and control characters below U+0020, and numbers are IEEE 754
/// doubles as ECMAScript prints them.
///
///     try canonicalJSON(JSONValue(json: Array(#"{"b": 1.0, "a": "é"}"#.utf8), file: "answer"))
///     // {"a":"é","b":1}
///
/// - Returns: the form in UTF-8.
/// - Complexity: O(n log n) for n bytes.
package func canonicalJSON(_ value: JSONValue) -> [UInt8] {
    var bytes: [UInt8] = []
    append(value, to: &bytes)
    return bytes
}

private func append(_ value: JSONValue, to bytes: inout [UInt8]) {
    switch value {
    case .null: bytes += "null".utf8
    case .boolean(let flag): bytes += (flag ? "true" : "false").utf8
    case .number(let number): bytes += ecmaScriptText(number).utf8
    case .wholeNumber(let number): bytes += ecmaScriptText(Double(number)).utf8
    case .string(let text): append(text, to: &bytes)
    case .array(let elements):
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(element, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    case .object(let members):
        let sorted = members.map { (units: Array($0.key.utf16), name: $0.key, value: $0.value) }
            .sorted { $0.units.lexicographicallyPrecedes($1.units) }
        bytes.append(UInt8(ascii: "{"))
        for (index, member) in sorted.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(member.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            append(member.value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

private func append(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0..<0x20:
            JSONText.append(escaped: UInt16(byte), to: &bytes)
        default: bytes.append(byte)
        }
    }
    bytes.append(UInt8(ascii: "\""))
}

/// A finite number as ECMAScript's `Number::toString` prints it (ECMA-262, 6.1.6.1.20): the shortest
/// digits that give the number back, with an exponent below 10^-6 and from 10^21 on.
package func ecmaScriptText(_ number: Double) -> String {
    precondition(number.isFinite, "JSON has no infinities and no NaN")
    if number == 0 { return "0" }
    // Swift prints the same digits, placed otherwise.
    let parts = number.magnitude.description.split(separator: "e")
    let mantissa = parts[0].split(separator: ".")
    let whole = mantissa[0]
    var digits = whole + (mantissa.count > 1 ? mantissa[1] : "")
    var point = whole.utf8.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    while digits.utf8.count > 1, digits.hasPrefix("0") {
        digits.removeFirst()
        point -= 1
    }
    while digits.utf8.count > 1, digits.hasSuffix("0") { digits.removeLast() }
    let sign = number < 0 ? "-" : ""
    let count = digits.utf8.count
    func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
    switch point {
    case count...21 where count <= 21: return sign + digits + zeros(point - count)
    case 1...21: return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    case -5...0: return sign + "0." + zeros(-point) + digits
    default:
        let fraction = count > 1 ? "." + digits.dropFirst() : ""
        return sign + digits.prefix(1) + fraction + "e" + (point > 0 ? "+" : "-")
            + "\((point - 1).magnitude)"
    }
}
