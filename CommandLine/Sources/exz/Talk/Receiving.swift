// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExperimanceZMQ
import Shell

struct Pull: ParsableCommand, SocketCommand {
    static let configuration = CommandConfiguration(abstract: "Write what PUSH sockets hand out.")

    @OptionGroup(title: "Messages") var counting: CountOption
    @OptionGroup(title: "Messages") var forms: FormOptions
    @OptionGroup(title: "Endpoints") var endpoints: EndpointOptions
    @OptionGroup(title: "Keys and passwords") var protection: SecurityOptions
    @OptionGroup(title: "The socket") var tuning: TuningOptions
    @OptionGroup var telling: TellingOptions

    func run() throws {
        let sink = try MessageSink(forms)
        let opened = try OpenSocket(.pull, for: self)
        try opened.closing { try Incoming(opened: opened, sink: sink).writeAll(count: counting.count) }
    }
}

struct Sub: ParsableCommand, SocketCommand {
    static let configuration = CommandConfiguration(abstract: "Write what publishers publish.")

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "How the topics begin; without it, all of them. May be given again.",
            valueName: "text"
        )
    )
    var topic: [String] = []

    @OptionGroup(title: "Messages") var counting: CountOption
    @OptionGroup(title: "Messages") var forms: FormOptions
    @OptionGroup(title: "Endpoints") var endpoints: EndpointOptions
    @OptionGroup(title: "Keys and passwords") var protection: SecurityOptions
    @OptionGroup(title: "The socket") var tuning: TuningOptions
    @OptionGroup var telling: TellingOptions

    func run() throws {
        let sink = try MessageSink(forms, hasTopics: true)
        let opened = try OpenSocket(.sub, for: self) { opened in
            for topic in topic.isEmpty ? [""] : topic { try opened.subscriber?.subscribe(to: topic) }
        }
        try opened.closing { try Incoming(opened: opened, sink: sink).writeAll(count: counting.count) }
    }
}
