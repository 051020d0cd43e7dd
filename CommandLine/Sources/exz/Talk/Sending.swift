// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExperimanceZMQ
import Shell

struct Push: ParsableCommand, SocketCommand {
    static let configuration = CommandConfiguration(abstract: "Hand messages out, each to one of the PULL sockets.")

    @OptionGroup(title: "Messages") var source: SourceOptions
    @OptionGroup(title: "Messages") var counting: CountOption
    @OptionGroup(title: "Messages") var forms: FormOptions
    @OptionGroup(title: "Endpoints") var endpoints: EndpointOptions
    @OptionGroup(title: "Keys and passwords") var protection: SecurityOptions
    @OptionGroup(title: "The socket") var tuning: TuningOptions
    @OptionGroup var telling: TellingOptions

    func run() throws {
        let messages = try MessageSource(source, forms, limit: tuning.maxSize, repeats: counting.count != nil)
        let opened = try OpenSocket(.push, for: self)
        try opened.closing { try sendAll(messages, with: Outgoing(opened), counting.count, source.interval) }
    }
}

struct Pub: ParsableCommand, SocketCommand {
    static let configuration = CommandConfiguration(
        abstract: "Publish messages to whoever has subscribed to how they begin.",
        discussion: "What nobody has subscribed to is dropped: --wait-subscribers 1 waits for somebody who has."
    )

    @Option(name: .shortAndLong, help: ArgumentHelp("The topic of each message, in front of it.", valueName: "text"))
    var topic: String?

    @Option(help: ArgumentHelp("Wait until the first message reaches so many subscribers.", valueName: "number"))
    var waitSubscribers: Int?

    @OptionGroup(title: "Messages") var source: SourceOptions
    @OptionGroup(title: "Messages") var counting: CountOption
    @OptionGroup(title: "Messages") var forms: FormOptions
    @OptionGroup(title: "Endpoints") var endpoints: EndpointOptions
    @OptionGroup(title: "Keys and passwords") var protection: SecurityOptions
    @OptionGroup(title: "The socket") var tuning: TuningOptions
    @OptionGroup var telling: TellingOptions

    func validate() throws {
        if let waitSubscribers, waitSubscribers < 1 { throw ValidationError("--wait-subscribers has to be 1 or more") }
    }

    func run() throws {
        let messages = try MessageSource(source, forms, limit: tuning.maxSize, repeats: counting.count != nil)
        let opened = try OpenSocket(.pub, for: self)
        let outgoing = Outgoing(opened, topic: topic, joins: tuning.space)
        try opened.closing {
            try sendAll(messages, with: outgoing, counting.count, source.interval) { first in
                try outgoing.awaitSubscribers(waitSubscribers, of: first, telling)
            }
        }
    }
}

/// Sends one message after the other, to the last, or so many.
func sendAll(
    _ messages: MessageSource,
    with outgoing: Outgoing,
    _ count: Int?,
    _ interval: TimeArgument?,
    beforeFirst: ([[UInt8]]) throws -> Void = { _ in }
) throws {
    var (messages, pace, sent) = (messages, Pace(interval?.duration), 0)
    while sent != count, let message = try messages.next() {
        if sent == 0 { try beforeFirst(message) }
        pace.wait()
        try outgoing.send(message)
        sent += 1
    }
}
