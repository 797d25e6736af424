import Foundation
import FuzzEntries

/// The target that the environment names; libFuzzer has the arguments.
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["WARRANT_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        let known = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
        fatalError("WARRANT_FUZZ_TARGET is \"\(name)\"; expected one of: \(known)")
    }
    return target
}()

/// libFuzzer calls this with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try target.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
        fatalError("\(error)")
    }
    return 0
}
