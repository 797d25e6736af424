import Foundation
import JSON
import TestSupport
import Testing
import Warrant

/// Answers that are signed, and what becomes of them.
@Suite struct SigningTests {
    let folder: TemporaryFolder
    let model: String
    var key: String { folder.path + "/signing.key" }

    init() throws {
        folder = try TemporaryFolder()
        model = try TinyModel.shared.get().model
        let run = try Command.run(["keygen", "--output", folder.path + "/signing.key"])
        try #require(run.status == 0 && run.output.isEmpty, "\(run.errors)")
    }

    private func signed() throws -> [String] {
        let run = try Command.run(
            [
                "classify", "--model", model, "--format", "text", "--certificates", "--sign", key,
            ], input: "a dull film\na bright warm story\n \n")
        #expect(run.status == 65, "the last text has no words")
        #expect(run.lines.count == 3)
        return run.lines
    }

    private func verify(_ lines: [String], trust: String) throws -> Command.Outcome {
        try Command.run(
            ["verify", "--model", model, "--trust", trust],
            input: lines.joined(separator: "\n") + "\n")
    }

    @Test func keysAreForTheirOwnerAndNeverReplaced() throws {
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(key) == 0o600)
        let before = try Data(contentsOf: URL(fileURLWithPath: key))
        let again = try Command.run(["keygen", "--output", key])
        #expect(again.status == 73 && again.errors.contains("exists already"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: key)) == before)
        // Neither file is left where the second is in the way.
        let half = try folder.file("half.pub", "mine")
        let blocked = try Command.run(["keygen", "--output", folder.path + "/half"])
        #expect(blocked.status == 73 && blocked.errors.contains("half.pub"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/half"))
        #expect(try String(contentsOfFile: half, encoding: .utf8) == "mine")
    }

    @Test func signedLinesAreTrustedAndNoOthers() throws {
        let lines = try signed()
        #expect(try verify(lines, trust: "\(key).pub").status == 0)
        // White space and the order of members may change on the way.
        let again = try lines.map { line in
            String(
                decoding: try JSONSerialization.data(
                    withJSONObject: try ForgeryTests.object(line), options: [.sortedKeys]),
                as: UTF8.self)
        }
        #expect(again != lines)
        #expect(try verify(again, trust: "\(key).pub").status == 0)

        var unsigned = try ForgeryTests.object(lines[0])
        unsigned["signature"] = nil
        var renamed = try ForgeryTests.object(lines[0])
        renamed["id"] = "9"
        var noted = try ForgeryTests.object(lines[1])
        noted["note"] = "approved"
        var reasoned = try ForgeryTests.object(lines[2])
        reasoned["error"] = "another reason"
        var foreign = try ForgeryTests.object(lines[0])
        foreign["signature"] = try ForgeryTests.object(lines[1])["signature"]
        var altered = try [unsigned, renamed, noted, reasoned, foreign].map { object in
            String(
                decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
        }
        // The last of them has a signature of another form.
        altered.append(
            lines[0].replacing("\"algorithm\":\"Ed25519\"", with: "\"algorithm\":\"none\""))
        // 64 bytes leave four bits of the last digit of base64 unused, which must be zero.
        let value = try #require(lines[0].firstMatch(of: /[AQgw]==/)?.output)
        let digits = ["A==": "B==", "Q==": "R==", "g==": "h==", "w==": "x=="][value] ?? ""
        altered.append(lines[0].replacing(value, with: digits))
        let run = try verify(altered, trust: "\(key).pub")
        #expect(run.status == 1)
        #expect(run.lines.count == 7, "\(run.output)")
        for (line, said) in zip(
            run.lines,
            [
                "missing", "signed", "signed", "signed", "signed", "not of the form",
                "not of the form",
            ])
        {
            #expect(line.contains("signature: ") && line.contains(said), "\(line)")
        }

        let other = folder.path + "/other.key"
        #expect(try Command.run(["keygen", "--output", other]).status == 0)
        let stranger = try verify(lines, trust: "\(other).pub")
        #expect(stranger.status == 1)
        #expect(stranger.lines.count == 3)
        #expect(stranger.lines.allSatisfy { $0.contains("not trusted") })
        // Both keys in one file.
        let both = try ["\(other).pub", "\(key).pub"].map {
            try String(contentsOfFile: $0, encoding: .utf8)
        }
        let keys = try folder.file("keys.pub", both.joined())
        #expect(try verify(lines, trust: keys).status == 0)
        // Without --trust the signature is listed as not verified.
        let blind = try Command.run(
            ["verify", "--model", model], input: lines.joined(separator: "\n"))
        #expect(blind.status == 0)
        #expect(blind.errors.contains("not verified: \"signature\" in 3 lines"), "\(blind.errors)")
    }

    @Test func filesThatAreNoKeysAreRefused() throws {
        let wrong = try folder.file("wrong.key", "not a key\n")
        for (arguments, file) in [
            (["classify", "--certificates", "--sign", wrong], wrong),
            (["classify", "--certificates", "--sign", "\(key).pub"], "\(key).pub"),
            (["verify", "--trust", wrong], wrong), (["verify", "--trust", key], key),
        ] {
            let run = try Command.run(arguments + ["--model", model], input: "")
            #expect(run.status == 65 && run.errors.contains("\(file): "), "\(run.errors)")
        }
        for option in [["classify", "--certificates", "--sign"], ["verify", "--trust"]] {
            let run = try Command.run(option + ["nowhere.key", "--model", model], input: "")
            #expect(run.status == 66 && run.errors.contains("nowhere.key: "), "\(run.errors)")
        }
        let usage = try Command.run(["classify", "--model", model, "--sign", key, "a film"])
        #expect(usage.status == 64 && usage.errors.contains("--certificates"))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        let open = try Command.run([
            "classify", "--model", model, "--certificates", "--sign", key, "a film",
        ])
        #expect(open.status == 0 && open.errors.contains("chmod 600"))
    }

    /// OpenSSL reads the keys, and checks a signature over the documented form.
    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "no openssl")
    )
    func openSSLAgrees() throws {
        let line = try #require(try signed().first)
        let made = try Command.shell(
            "openssl pkey -in \"$1\" -pubout | cmp - \"$1.pub\" && "
                + "openssl genpkey -algorithm ed25519 -out \"$2\" && "
                + "openssl pkey -in \"$2\" -pubout -out \"$2.pub\"",
            [key, folder.path + "/openssl.key"])
        #expect(made.status == 0, "\(made.errors)")
        var object = try ForgeryTests.object(line)
        let signature = try #require(object.removeValue(forKey: "signature") as? [String: Any])
        let text = try #require(signature["value"] as? String)
        let value = try #require(Data(base64Encoded: text))
        let bytes = try JSONSerialization.data(withJSONObject: object)
        let canonical = canonicalJSON(try JSONValue(json: Array(bytes), file: "line"))
        try folder.file("message", bytes: Array("warrant answer 1\n".utf8) + canonical)
        try folder.file("signature", bytes: value)
        let checked = try Command.shell(
            "cd \"$2\" && openssl pkeyutl -verify -pubin -inkey \"$1.pub\" -rawin -in message "
                + "-sigfile signature", [key, folder.path])
        #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
        // And the other way round: a key of OpenSSL's signs.
        let run = try Command.run([
            "classify", "--model", model, "--certificates", "--sign", folder.path + "/openssl.key",
            "a film",
        ])
        #expect(try verify(run.lines, trust: folder.path + "/openssl.key.pub").status == 0)
    }
}
