// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Framing

/// How messages stand in standard input and output.
struct FormOptions: ParsableArguments {
    @Option(help: "How messages stand in standard input and output.")
    var format: Form?

    @Option(help: "How they stand in standard input, where that is another form.")
    var input: Form?

    @Option(help: "How they stand in standard output, where that is another form.")
    var output: Form?

    @Option(help: ArgumentHelp("So many lines, or frames, make a message: its parts.", valueName: "number"))
    var parts: Int?

    func validate() throws {
        if let parts, parts < 1 { throw ValidationError("--parts has to be 1 or more") }
    }

    var ofInput: Form { input ?? format ?? .lines }
    var ofOutput: Form { output ?? format ?? .lines }
    /// Whether somebody asked for the output.
    var asksForOutput: Bool { output != nil || format != nil }
}

/// What is sent, and how fast.
struct SourceOptions: ParsableArguments {
    @Argument(help: "The messages; without any they are read from standard input.")
    var messages: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("The pause from one message to the next.", valueName: "time"))
    var interval: TimeArgument?
}

/// How many messages, and then the command is done.
struct CountOption: ParsableArguments {
    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp(
            "End after so many messages. Those that are given as arguments are repeated until then.",
            valueName: "number"
        )
    )
    var count: Int?

    func validate() throws {
        if let count, count < 0 { throw ValidationError("--count has to be 0 or more") }
    }
}
