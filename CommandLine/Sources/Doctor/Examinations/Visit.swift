// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Shell

/// A conversation with a peer without security: its type, and, as a socket that takes nothing from it, whether it
/// answers heartbeats and what it publishes.
struct Visit {
    private let examination: Examination
    private let limit: TimeLimit
    private let notes: Notes
    private let introduction: Introduction
    private let greeting: Greeting
    private let process: ProcessName?
    /// What the greetings took.
    private let slowness: Duration

    init(
        _ examination: Examination,
        _ limit: TimeLimit,
        _ notes: Notes,
        _ introduction: Introduction,
        _ greeting: Greeting,
        _ process: ProcessName?,
        slowness: Duration
    ) {
        (self.examination, self.limit, self.notes) = (examination, limit, notes)
        (self.introduction, self.greeting, self.process) = (introduction, greeting, process)
        self.slowness = slowness
    }

    func run() throws {
        var conversation = Conversation(introduction.connection, first: introduction.behindGreeting)
        let answer = Self.outcome { () throws(Conversation.Break) in
            if !introduction.hasGreeted {
                try conversation.say(Greeting.rest(mechanism: "NULL"), until: limit)
            }
            return try conversation.next(until: limit)
        }
        guard let type = try noteType(answer) else {
            return _ = Self.outcome { () throws(Conversation.Break) in
                try conversation.say(Command.farewell("NULL") ?? [], until: limit)
            }
        }
        guard let visitor = SocketTypes.visitor(of: type) else {
            let seen =
                "\(SocketTypes.one(type)) hands its messages, or its only place, to whoever is connected, so nobody was"
            try notes.add(Finding(.heartbeat, .skipped, seen))
            return _ = Self.outcome { () throws(Conversation.Break) in
                try conversation.say(Command.farewell("NULL") ?? [], until: limit)
            }
        }
        let said = Self.outcome { () throws(Conversation.Break) in
            try conversation.say(Command.ready(as: visitor), until: limit)
        }
        if case .failure = said { return try notes.add(.failed(.handshake, .hangsUp)) }
        guard try noteHeartbeat(&conversation) else { return }
        if let topic = examination.topic { try noteMessages(&conversation, type, topic) }
    }

    /// What a call comes to, as a value.
    private static func outcome<Value>(
        _ body: () throws(Conversation.Break) -> Value
    ) -> Result<Value, Conversation.Break> {
        do throws(Conversation.Break) {
            return .success(try body())
        } catch {
            return .failure(error)
        }
    }

    /// - Returns: the type; nil where that is the end.
    private func noteType(_ answer: Result<Frame, Conversation.Break>) throws -> String? {
        let frame: Frame
        switch answer {
        case .success(let found): frame = found
        case .failure(let reason):
            let fault: Fault =
                switch reason {
                case .timedOut: .stopsTalking(process)
                case .closed: .hangsUp
                case .breach(let words): .brokenProtocol(words)
                }
            try notes.add(.failed(.type, fault))
            return nil
        }
        guard let command = Command(frame) else {
            try notes.add(.failed(.type, .brokenProtocol("a message came where its type should")))
            return nil
        }
        if command.name == "ERROR" {
            let fault = Fault.refusedByAuthenticator(status: command.reason)
            try notes.add(.failed(.security, fault))
            return nil
        }
        let properties = command.name == "READY" ? command.properties : nil
        guard let type = properties?.first(where: { $0.name.lowercased() == "socket-type" })?.value else {
            try notes.add(.failed(.type, .brokenProtocol("it does not say of which type it is")))
            return nil
        }
        let fitting = SocketTypes.fitting(type)
        let details: [(name: String, value: JSONText)] = [
            ("type", .text(type)), ("fitting", .array(fitting.map(JSONText.text))),
        ]
        let ours = examination.type?.name
        guard !fitting.isEmpty, ours.map(fitting.contains) != false else {
            try notes.add(.failed(.type, .otherType(theirs: type, ours: ours), details: details))
            return nil
        }
        let seen = "\(SocketTypes.one(type)) socket, \(SocketTypes.inWords(fitting, "and")) can talk to it"
        try notes.add(Finding(.type, .ok, seen, details: details))
        return type
    }

    /// Whether the connection is still there.
    private func noteHeartbeat(_ conversation: inout Conversation) throws -> Bool {
        let watch = StopWatch()
        let patience = limit.atMost(examination.topic == nil ? limit.left : limit.left / 2)
        var inner = conversation
        let answer = Self.outcome { () throws(Conversation.Break) in
            try inner.say(Command.ping("doctor"), until: patience)
            while true {
                let frame = try inner.next(until: patience)
                if let command = Command(frame), command.name == "PONG" { return command }
            }
        }
        conversation = inner
        switch answer {
        case .success:
            try notes.add(Finding(.heartbeat, .ok, "is answered", time: watch.time))
            return true
        case .failure(.timedOut) where watch.time < slowness * 2:
            try notes.add(Finding(.heartbeat, .skipped, "there was no time left for one"))
            return true
        case .failure(.timedOut):
            let isExpected = greeting.minor >= 1
            let fault = Fault.noHeartbeat(isExpected: isExpected)
            try notes.add(
                Finding(.heartbeat, isExpected ? .failed : .warning, fault.seen, fault: fault, time: watch.time)
            )
            return !isExpected
        case .failure(.closed):
            try notes.add(.failed(.heartbeat, .hangsUp, time: watch.time))
        case .failure(.breach(let words)):
            try notes.add(.failed(.heartbeat, .brokenProtocol(words), time: watch.time))
        }
        return false
    }

    private func noteMessages(_ conversation: inout Conversation, _ type: String, _ topic: String) throws {
        guard ["PUB", "XPUB"].contains(type) else {
            return try notes.add(Finding(.messages, .skipped, "\(SocketTypes.one(type)) publishes nothing"))
        }
        let watch = StopWatch()
        var (inner, heard) = (conversation, Publications(wanted: topic))
        let end = Self.outcome { () throws(Conversation.Break) in
            try inner.say(Command.subscribeToAll(minor: greeting.minor), until: limit)
            while heard.found == nil, !heard.isEnough { heard.take(try inner.next(until: limit)) }
        }
        conversation = inner
        if let found = heard.found {
            return try notes.add(Finding(.messages, .ok, found, time: watch.time))
        }
        let fault: Fault =
            switch end {
            case .failure(.closed): .hangsUp
            case .failure(.breach(let words)): .brokenProtocol(words)
            case .success, .failure(.timedOut):
                heard.others.isEmpty
                    ? .nothingPublished(topic: topic) : .otherTopics(topic: topic, seen: heard.others)
            }
        try notes.add(.failed(.messages, fault, time: watch.time))
    }
}
