import Tensors
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite("Safetensors write failures")
struct SafetensorsWriteFailureTests {
    static var tensor: SafetensorsTensor {
        SafetensorsTensor(name: "x", shape: [2], values: [1, 2])
    }

    struct Interrupted: Error {}

    @Test("a write that stops midway leaves the old file and nothing else")
    func interrupted() throws {
        let folder = try TemporaryFolder()
        try writeSafetensors([Self.tensor], to: folder.file())
        let before = try folder.bytes()
        let failing = SafetensorsTensor(name: "y", shape: [1]) { _ in throw Interrupted() }
        #expect(throws: Interrupted.self) {
            try writeSafetensors([Self.tensor, failing], to: folder.file())
        }
        #expect(try folder.bytes() == before)
        #expect(throws: Interrupted.self) {
            try writeSafetensors([Self.tensor, failing], to: folder.file("new"))
        }
        #expect(try folder.names == ["model.safetensors"])
    }

    @Test("tensors that do not fit their shapes leave no file")
    func unsound() throws {
        let folder = try TemporaryFolder()
        let cases: [(name: String, shape: [Int], expected: String)] = [
            ("y", [3], "'y' has 1 values, expected 3"),
            ("y", [-1, -1], "'y' cannot have shape [-1, -1]"),
            ("y", [.max, 2], "'y' cannot have shape"),
            ("y", [.max / 4], "'y' makes the file too large"),
            ("x", [1], "the tensor name 'x' is taken"),
            ("__metadata__", [1], "the tensor name '__metadata__' is taken"),
        ]
        for (name, shape, expected) in cases {
            let tensor = SafetensorsTensor(name: name, shape: shape, values: [1])
            let text = safetensorsMessage {
                try writeSafetensors([Self.tensor, tensor], to: folder.file())
            }
            #expect(text.contains(expected))
        }
        let silent = SafetensorsTensor(name: "y", shape: [1]) { _ in }
        let text = safetensorsMessage {
            try writeSafetensors([Self.tensor, silent], to: folder.file())
        }
        #expect(text.contains("'y' gave no values"))
        #expect(try folder.names == [])
    }

    @Test("a folder that is missing or takes no files is named with the system's reason")
    func unwritableFolder() throws {
        let folder = try TemporaryFolder()
        let missing = folder.file("missing/model.safetensors")
        let text = safetensorsMessage { try writeSafetensors([Self.tensor], to: missing) }
        #expect(text.hasPrefix("\(missing): cannot be created (No such file or directory)"))
        try folder.write([], to: "plain")
        let inside = safetensorsMessage {
            try writeSafetensors([Self.tensor], to: folder.file("plain/model.safetensors"))
        }
        #expect(inside.contains("Not a directory"))
        #expect(try folder.names == ["plain"])
    }

    @Test(
        "a read-only folder stays as it was",
        .enabled(if: geteuid() != 0 || hasProc, "the superuser may write anywhere"))
    func readOnlyFolder() throws {
        // The superuser may write anywhere but in /proc.
        let folder = try TemporaryFolder()
        let path = geteuid() == 0 ? "/proc" : folder.path
        if geteuid() != 0 { chmod(path, 0o500) }
        let text = safetensorsMessage {
            try writeSafetensors([Self.tensor], to: "\(path)/m.safetensors")
        }
        #expect(text.contains("cannot be created"))
    }

    static let hasProc = access("/proc/self", F_OK) == 0

    @Test("a folder or a device at the path is not replaced")
    func notReplaced() throws {
        let folder = try TemporaryFolder()
        for path in [folder.path, "/dev/null"] {
            let text = safetensorsMessage { try writeSafetensors([Self.tensor], to: path) }
            #expect(text.contains("expected a regular file or nothing at this path"))
        }
        var status = stat()
        #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    }

    #if os(Linux)
    @Test("a full disk is an error, not a short file")
    func fullDisk() throws {
        let descriptor = open("/dev/full", O_WRONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let text = safetensorsMessage {
            try appendSafetensors(
                [Self.tensor],
                header: try safetensorsHeader(
                    [Self.tensor], as: .f32, metadata: [:], path: "/dev/full"),
                as: .f32, to: descriptor, path: "/dev/full")
        }
        #expect(text.contains("cannot be written (No space left on device)"))
    }
    #endif
}
