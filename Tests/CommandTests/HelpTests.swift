import Testing

/// What `--help` says on a terminal of 80 columns, or on none.
@Suite struct HelpTests {
    private func help(_ command: [String]) throws -> [Substring] {
        let run = try Command.run(command + ["--help"])
        try #require(run.status == 0, "\(run.errors)")
        return run.output.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The commands that are listed.
    private func commands() throws -> [String] {
        try help([]).drop { $0 != "SUBCOMMANDS:" }.dropFirst()
            .prefix { !$0.isEmpty }
            .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
    }

    // A line that is too long goes on at the left margin, and is no command when it is copied.
    @Test func examplesCanBeCopied() throws {
        let commands = try commands()
        try #require(commands.count > 8 && commands.contains("experiment"), "\(commands)")
        for command in [[]] + commands.map({ [$0] }) {
            let examples = try help(command).drop { $0 != "EXAMPLES" }.dropFirst()
                .prefix { !$0.isEmpty }
            #expect(!examples.isEmpty, "\(command)")
            for line in examples {
                #expect(line.hasPrefix("  "), "\(command): \(line)")
            }
        }
    }

    @Test func helpThatCannotBeWrittenIsAnError() throws {
        for arguments in [["--help"], ["train", "--help"], ["--version"]] {
            let full = try Command.shell("exec \"$0\" \"$@\" > /dev/full", arguments)
            #expect(full.status == 73 && full.errorLines.count == 1, "\(full.errors)")
            #expect(full.errors.contains("standard output: cannot be written"))
        }
    }

    @Test func theGridInTheHelpOfExperimentsKeepsItsLines() throws {
        let grid = try help(["experiment"]).drop { !$0.hasPrefix("  {") }.prefix { !$0.isEmpty }
        #expect(grid.last?.hasSuffix("}}") == true, "\(grid)")
        for line in grid { #expect(line.hasPrefix("  "), "\(line)") }
    }
}
