import JSON

/// What is wrong with a text that is no JSON, and where; nil where it is JSON.
package func jsonProblem(in bytes: some Sequence<UInt8>) -> String? {
    do {
        _ = try JSONValue(json: Array(bytes), file: "")
        return nil
    } catch let error as JSONError {
        return (error.line > 1 ? "line \(error.line): " : "") + error.problem
    } catch {
        return "\(error)"
    }
}

/// What is wrong with JSON that fits in all but a number: Foundation's decoder does not say which.
package let unfitNumber =
    "a number is too large, or has a fraction where a whole number is expected: correct it"
