// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExperimanceZMQ
import Glibc
import Shell

struct Exz: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "ZeroMQ sockets in a shell, and what they are about.",
        discussion:
            "The exit status is 0 when it is done, 1 when it failed, 2 for what makes no sense, 3 when the time "
            + "was up; 130 after Ctrl-C. What there is to say is on standard error.",
        version: versionText,
        subcommands: [Version.self, Completion.self],
        groupedSubcommands: [
            CommandGroup(
                name: "Messages",
                subcommands: [
                    Push.self, Pull.self, Pub.self, Sub.self, Req.self, Rep.self, Pair.self, Dealer.self, Router.self,
                    XPub.self, XSub.self,
                ]
            ),
            CommandGroup(name: "Between sockets", subcommands: [Proxy.self, Fault.self]),
            CommandGroup(name: "What is wrong", subcommands: [DoctorCommand.self]),
            CommandGroup(name: "Measured", subcommands: [Bench.self]),
            CommandGroup(name: "Running programs", subcommands: [Top.self]),
            CommandGroup(name: "Keys", subcommands: [Keys.self]),
        ]
    )
}

@main
enum Main {
    static func main() {
        StandardStreams.occupy()
        Endings.watchSignals()
        // The process does not end by exit(3), where the library would take away what it shows its sockets by.
        if variable("EXZ_STATS") != nil { Endings.add { try? ZMQContext.shutdown(timeout: .zero) } }
        do {
            try requireText()
            var command = try Exz.parseAsRoot()
            try command.run()
            leave(with: nil)
        } catch {
            leave(with: error)
        }
    }
}

/// What is no UTF-8 would be sent, or looked for, as something else.
///
/// - Throws: `usage`.
private func requireText() throws(Failure) {
    for index in 0..<Int(CommandLine.argc) {
        guard let argument = unsafe CommandLine.unsafeArgv[index], unsafe String(validatingCString: argument) == nil
        else {
            continue
        }
        throw Failure(.usage, "argument \(index) is no UTF-8: give such bytes on standard input, or with --format hex")
    }
}

/// Ends the process: says why, cleans up, and tells the shell.
///
/// - Parameter error: what has failed; nil: nothing.
func leave(with error: (any Error)?) -> Never {
    Endings.giveWay()
    guard let error else { Endings.exit(.done) }
    switch error {
    case let told as AlreadyTold: Endings.exit(told.status)
    default:
        guard let status = tell(error) else { leaveParser(with: error) }
        Endings.exit(status)
    }
}

/// Says why a command has failed.
///
/// - Returns: what the shell is to be told; nil if nothing has been said, as it is the parser's to say.
func tell(_ error: any Error) -> ExitStatus? {
    switch error {
    case let failure as Failure:
        Notices.write(failure.message)
        return failure.status
    case let error as ZMQSocketError:
        Notices.write(error.message)
        return error.code == .timeout ? .timedOut : .failed
    default: return nil
    }
}

/// Help that was asked for, or a mistake in the arguments.
private func leaveParser(with error: any Error) -> Never {
    guard Exz.exitCode(for: error) != .success else {
        do throws(Failure) {
            try Output().write(line: Exz.fullMessage(for: error))
        } catch {
            Notices.write(error.message)
            Endings.exit(error.status)
        }
        Endings.exit(.done)
    }
    let names = Exz.configuration.allSubcommandNames
    let command = CommandLine.arguments.dropFirst().first { names.contains($0) }
    let help = (["exz"] + [command].compactMap(\.self) + ["--help"]).joined(separator: " ")
    Notices.write("\(Exz.message(for: error)); see \(help)")
    Endings.exit(.usage)
}

extension CommandConfiguration {
    fileprivate var allSubcommandNames: [String] {
        var names: [String] = []
        // Not by a key path: the compiler of Swift 6.3 crashes over one from a type that is not known.
        for command in subcommands + groupedSubcommands.flatMap({ $0.subcommands }) {
            names.append(command._commandName)
        }
        return names
    }
}
