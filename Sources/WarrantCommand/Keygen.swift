import ArgumentParser
import Warrant

/// `warrant keygen`.
struct Keygen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make a key pair for signed answers.",
        discussion: """
            Writes two files: the private key under the given name, readable by its owner alone, and \
            the public key beside it with the ending .pub. With the private key warrant classify \
            --sign signs answers; with the public one anybody checks them by warrant verify --trust. \
            Keep the private key secret: who has it can sign anything in your name.

            The keys are Ed25519 in PEM, as OpenSSL reads and writes them \
            (openssl genpkey -algorithm ed25519, openssl pkey -pubout).

            EXAMPLES
              warrant keygen --output signing.key
              warrant classify --model model --input in.jsonl --certificates \\
                --sign signing.key > out.jsonl
              warrant verify --model model --input out.jsonl --trust signing.key.pub
            """)

    @Option(
        help: ArgumentHelp(
            "The private key's file, which must not exist yet.", valueName: "file"))
    var output: String

    func run() throws {
        let key = PrivateSigningKey()
        try key.writeFiles(to: output)
        Messages.say("\(output) is the private key: keep it secret")
        Messages.say(
            "\(output).pub is the public key \(key.publicKey.fingerprint.prefix(12))…: give it to those "
                + "who verify")
    }
}
