// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExperimanceZMQ
import Shell
import Synchronization

/// What has failed on another thread.
private final class FirstFailure: Sendable {
    private let error = Mutex<(any Error)?>(nil)

    func set(_ error: any Error) { self.error.withLock { $0 = error } }

    func get() -> (any Error)? { error.withLock { $0 } }
}

/// The options of sockets that send and receive as they like.
struct ConversationOptions: ParsableArguments {
    @Flag(help: "Send back what comes. It is written only where --output or --format says how.")
    var echo = false

    @OptionGroup(title: "Messages") var source: SourceOptions
    @OptionGroup(title: "Messages") var forms: FormOptions

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp(
            "End after so many messages have come; with 0, when all have been sent.",
            valueName: "number"
        )
    )
    var count: Int?

    @OptionGroup(title: "Endpoints") var endpoints: EndpointOptions
    @OptionGroup(title: "Keys and passwords") var protection: SecurityOptions
    @OptionGroup(title: "The socket") var tuning: TuningOptions
    @OptionGroup var telling: TellingOptions

    func validate() throws {
        if echo, !source.messages.isEmpty { throw ValidationError("either --echo or messages of your own") }
        if let count, count < 0 { throw ValidationError("--count has to be 0 or more") }
        if echo, count == 0 { throw ValidationError("--echo with --count 0 would do nothing") }
    }
}

extension ConversationOptions: SocketCommand {
    /// Sends and receives at the same time, neither waiting for the other.
    func converse(
        _ type: ZMQSocketType,
        topic: String? = nil,
        subscriptions: [String] = [],
        waitSubscribers: Int? = nil
    ) throws {
        let sink = echo && !forms.asksForOutput || count == 0 ? nil : try MessageSink(forms, hasTopics: type == .xsub)
        let messages =
            echo ? nil : try MessageSource(source, forms, limit: tuning.maxSize, repeats: false)
        let opened = try OpenSocket(type, for: self)
        let outgoing = Outgoing(opened, topic: topic, joins: tuning.space)
        try opened.closing {
            for subscription in subscriptions { try outgoing.send([[1] + Array(subscription.utf8)]) }
            if echo { return try sendBack(outgoing, sink) }
            guard let messages else { return }
            let send = { @Sendable in
                try sendAll(messages, with: outgoing, nil, source.interval) { first in
                    if type == .xpub { try outgoing.awaitSubscribers(waitSubscribers, of: first, telling) }
                }
            }
            guard let sink else { return try send() }
            try beside(send) { try Incoming(opened: opened, sink: sink).writeAll(count: count) }
        }
    }

    /// Does both at once; what fails on the other thread ends the waits of this one, and is what is told.
    private func beside(_ send: @escaping @Sendable () throws -> Void, _ receive: () throws -> Void) throws {
        let (canceler, failure) = (try ZMQCanceler(), FirstFailure())
        let isThere = BackgroundThread.start {
            do {
                try send()
            } catch {
                failure.set(error)
                canceler.cancel()
            }
        }
        guard isThere else { throw Failure(.failed, "there is no thread to send with") }
        do {
            try canceler.cancelling(receive)
        } catch {
            throw failure.get() ?? error
        }
    }

    private func sendBack(_ outgoing: Outgoing, _ sink: MessageSink?) throws {
        var (pace, answered) = (Pace(source.interval?.duration), 0)
        while answered != count {
            let message = try outgoing.opened.next()
            answered += 1
            try sink?.write(CollectionOfOne(message), isLast: answered == count)
            pace.wait()
            try outgoing.send(message.parts)
        }
    }
}

struct Pair: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Talk to one other PAIR socket.")
    @OptionGroup var conversation: ConversationOptions

    func run() throws { try conversation.converse(.pair) }
}

struct Dealer: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Talk to ROUTER, REP and DEALER sockets in turn.")
    @OptionGroup var conversation: ConversationOptions

    func run() throws { try conversation.converse(.dealer) }
}

struct Router: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Talk to many sockets, each by its name.",
        discussion:
            "The first part of a message says who has sent it, or who is to get it: --format json shows it best."
    )
    @OptionGroup var conversation: ConversationOptions

    func run() throws { try conversation.converse(.router) }
}

struct XPub: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xpub",
        abstract: "Publish messages, and write who subscribes to what.",
        discussion: "A subscription is a message that begins with a byte of 1, its end one that begins with 0."
    )

    @Option(name: .shortAndLong, help: ArgumentHelp("The topic of each message, in front of it.", valueName: "text"))
    var topic: String?

    @Option(help: ArgumentHelp("Wait until the first message reaches so many subscribers.", valueName: "number"))
    var waitSubscribers: Int?

    @OptionGroup var conversation: ConversationOptions

    func validate() throws {
        if let waitSubscribers, waitSubscribers < 1 { throw ValidationError("--wait-subscribers has to be 1 or more") }
    }

    func run() throws { try conversation.converse(.xpub, topic: topic, waitSubscribers: waitSubscribers) }
}

struct XSub: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xsub",
        abstract: "Write what publishers publish, and send them messages of your own.",
        discussion: "A message that begins with a byte of 1 subscribes to what follows, one with 0 ends that."
    )

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "How the topics begin; without it, all of them. May be given again.",
            valueName: "text"
        )
    )
    var topic: [String] = []

    @OptionGroup var conversation: ConversationOptions

    func run() throws { try conversation.converse(.xsub, subscriptions: topic.isEmpty ? [""] : topic) }
}
