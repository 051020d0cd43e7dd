// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExperimanceZMQ
import Shell

struct Req: ParsableCommand, SocketCommand {
    static let configuration = CommandConfiguration(abstract: "Ask a server, and write its answers.")

    @Flag(help: "Ask again where a server is lost, as it does no harm that it answers twice.")
    var idempotent = false

    @OptionGroup(title: "Messages") var source: SourceOptions
    @OptionGroup(title: "Messages") var counting: CountOption
    @OptionGroup(title: "Messages") var forms: FormOptions
    @OptionGroup(title: "Endpoints") var endpoints: EndpointOptions
    @OptionGroup(title: "Keys and passwords") var protection: SecurityOptions
    @OptionGroup(title: "The socket") var tuning: TuningOptions
    @OptionGroup var telling: TellingOptions

    func run() throws {
        let messages = try MessageSource(source, forms, limit: tuning.maxSize, repeats: counting.count != nil)
        let sink = try MessageSink(forms)
        let opened = try OpenSocket(.req, for: self)
        try opened.closing { try askAll(messages, Outgoing(opened), sink) }
    }

    private func askAll(_ messages: MessageSource, _ outgoing: Outgoing, _ sink: MessageSink) throws {
        var (messages, pace, asked) = (messages, Pace(source.interval?.duration), 0)
        while asked != counting.count, let message = try messages.next() {
            pace.wait()
            let answer = try answer(to: message, outgoing)
            asked += 1
            try sink.write(CollectionOfOne(answer), isLast: asked == counting.count)
        }
    }

    private func answer(to message: [[UInt8]], _ outgoing: Outgoing) throws -> ZMQMessage {
        let opened = outgoing.opened
        guard message.count == 1, let requester = opened.requester else {
            try outgoing.send(message)
            return try opened.next()
        }
        return try opened.patience.wait(orSay: "no answer has come") { (timeout) throws(ZMQSocketError) in
            try requester.request(message[0], timeout: timeout, isIdempotent: idempotent)
        }
    }
}

struct Rep: ParsableCommand, SocketCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write requests, and answer each with the next message.",
        discussion: "The answers that are given as arguments begin again after the last."
    )

    @Flag(help: "Answer each request with itself. It is written only where --output or --format says how.")
    var echo = false

    @OptionGroup(title: "Messages") var source: SourceOptions
    @OptionGroup(title: "Messages") var counting: CountOption
    @OptionGroup(title: "Messages") var forms: FormOptions
    @OptionGroup(title: "Endpoints") var endpoints: EndpointOptions
    @OptionGroup(title: "Keys and passwords") var protection: SecurityOptions
    @OptionGroup(title: "The socket") var tuning: TuningOptions
    @OptionGroup var telling: TellingOptions

    func validate() throws {
        if echo, !source.messages.isEmpty { throw ValidationError("either --echo or answers of your own") }
    }

    func run() throws {
        var messages = echo ? nil : try MessageSource(source, forms, limit: tuning.maxSize, repeats: true)
        let sink = echo && !forms.asksForOutput ? nil : try MessageSink(forms)
        let opened = try OpenSocket(.rep, for: self)
        try opened.closing {
            var (pace, answered) = (Pace(source.interval?.duration), 0)
            while answered != counting.count, try messages?.hasEnded() != true {
                let request = try opened.next()
                try sink?.write(CollectionOfOne(request), isLast: answered + 1 == counting.count)
                guard let answer = echo ? request.parts : try messages?.next() else {
                    throw Failure(.failed, "the input has ended, and the last request is not answered")
                }
                pace.wait()
                try Outgoing(opened).send(answer)
                answered += 1
            }
        }
    }
}
