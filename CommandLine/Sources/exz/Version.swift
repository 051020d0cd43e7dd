// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Shell

/// That of the header, as the tests have it.
let versionText = "exz 0.1.0"

struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Write the version.")

    func run() throws { try Output().write(line: versionText) }
}

struct Completion: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a script that has a shell complete the arguments.",
        discussion:
            "For bash: source <(exz completion bash). For zsh into a file _exz on its path of functions, for fish "
            + "into ~/.config/fish/completions/exz.fish."
    )

    enum ShellName: String, ExpressibleByArgument, CaseIterable {
        case bash
        case zsh
        case fish
    }

    @Argument(help: "Which shell.")
    var shell: ShellName

    func run() throws {
        let kind: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        try Output().write(line: Exz.completionScript(for: kind))
    }
}
