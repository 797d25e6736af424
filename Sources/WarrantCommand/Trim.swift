import ArgumentParser
import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `warrant trim`.
struct Trim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trim",
        abstract: "Make a smaller encoder of a larger one.",
        discussion: """
            Keeps some layers, the word pieces that the given texts use most, and fewer positions. The \
            result is a Hugging Face encoder folder for warrant train --encoder: smaller and faster, \
            and after training on similar texts only a little worse. Single ASCII characters always \
            stay, so no ASCII word becomes unknown.

            EXAMPLES
              warrant trim --encoder all-MiniLM-L6-v2 --layers 0 --vocabulary-size 4800 \\
                --text train.tsv --output small
              warrant trim --encoder all-MiniLM-L6-v2 --layers 0,2,4 --text train.tsv \\
                --output half
            """)

    @Option(
        help: ArgumentHelp(
            "A BERT encoder: its Hugging Face folder, or its name in this user's Hugging Face cache.",
            valueName: "folder|name"))
    var encoder: String

    @Option(
        help: ArgumentHelp(
            "The layers to keep, counted from 0, with commas between.", valueName: "numbers"))
    var layers: LayerNumbers

    @Option(
        help: ArgumentHelp(
            "How many word pieces to keep; fewer where the texts use fewer.", valueName: "n"))
    var vocabularySize = 8_000

    @Option(
        help: ArgumentHelp(
            "How many positions to keep, special tokens included; 256 by default, or all where the "
                + "encoder has fewer.", valueName: "n"))
    var maximumLength: Int?

    @Option(help: ArgumentHelp("The texts whose word pieces are kept.", valueName: "file"))
    var text: String

    @Option(help: ArgumentHelp("How weights are stored.", valueName: "format"))
    var weights = StoredWeights.f32

    @Option(help: ArgumentHelp("The folder to write.", valueName: "folder"))
    var output: String

    @OptionGroup(title: "Data options") var data: DataOptions

    func validate() throws {
        try check(vocabularySize, in: 1...(1 << 24), "--vocabulary-size")
        if let maximumLength { try check(maximumLength, in: 8...(1 << 20), "--maximum-length") }
    }

    func run() throws {
        let folder = try PendingFolder(for: URL(filePath: output), overwrites: false)
        Interruption.guarding { folder.discard() }
        folder.notices.forEach(Messages.say)
        let encoder = try Messages.locate(encoder)
        let texts = try ExampleReader.examples(
            path: text, options: data.options(for: text), report: Messages.say
        ).map(\.text)
        let positions = try EncoderConfiguration(folder: encoder).maximumLength
        let trimming = EncoderTrimming(
            layers: layers.numbers, vocabularySize: vocabularySize,
            maximumLength: maximumLength ?? min(256, positions),
            weightFormat: weights.format)
        try trimming.write(encoder: encoder, texts: texts, to: folder.url)
        try Interruption.finish(folder.commit)
        let configuration = try EncoderConfiguration(folder: URL(filePath: output))
        Messages.say(
            "\(output) has \(configuration.layers) layers, \(configuration.vocabularySize) word pieces "
                + "and \(configuration.maximumLength) positions")
    }
}

/// `0,2,4`.
struct LayerNumbers: ExpressibleByArgument {
    let numbers: [Int]

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        numbers = parts.compactMap { Int($0) }
        if numbers.count != parts.count { return nil }
    }
}
