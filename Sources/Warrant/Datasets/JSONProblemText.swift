import Tokenization

/// What is wrong with a text that is no JSON, and where; nil where it is JSON.
func jsonProblem(in bytes: some Sequence<UInt8>) -> String? {
    do {
        _ = try JSONValue(json: Array(bytes), file: "")
        return nil
    } catch TokenizerError.malformed(_, let line?, let problem) where line > 1 {
        return "line \(line): \(problem)"
    } catch TokenizerError.malformed(_, _, let problem) {
        return problem
    } catch {
        return "\(error)"
    }
}

/// What is wrong with JSON that fits in all but a number: Foundation's decoder does not say which.
let unfitNumber =
    "a number is too large, or has a fraction where a whole number is expected: correct it"
