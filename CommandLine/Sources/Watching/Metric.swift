// SPDX-License-Identifier: Apache-2.0

/// A metric of a socket, by the name that it has everywhere.
package struct Metric: Equatable, Sendable {
    /// How Prometheus takes it.
    package enum Kind: String, Sendable {
        case counter
        case gauge
    }

    package let name: String
    package let kind: Kind
    /// That of the statistics which it is taken from, as they are called in C.
    package let field: String
    package let help: String

    private init(_ name: String, _ kind: Kind, _ field: String, _ help: String) {
        (self.name, self.kind, self.field, self.help) = ("experimance_zmq_\(name)", kind, field, help)
    }

    /// Those that every door of the library has.
    package static let ofSockets: [Metric] = [
        Metric("messages_sent_total", .counter, "messages_sent", "Messages that libzmq has taken over."),
        Metric("sent_bytes_total", .counter, "bytes_sent", "Bytes of the messages that libzmq has taken over."),
        Metric("messages_received_total", .counter, "messages_received", "Messages that were handed to the program."),
        Metric(
            "received_bytes_total",
            .counter,
            "bytes_received",
            "Bytes of the messages that were handed to the program."
        ),
        Metric(
            "sends_refused_total",
            .counter,
            "sends_refused",
            "Sends that failed; the message stayed with the program."
        ),
        Metric("timeouts_total", .counter, "timeouts", "Calls that waited until their deadline."),
        Metric("connect_attempts_total", .counter, "connect_attempts", "Attempts to connect."),
        Metric("reconnects_total", .counter, "reconnects", "Links that were made again after they had been lost."),
        Metric("links_lost_total", .counter, "links_lost", "Established links that were lost."),
        Metric(
            "peers_rejected_total",
            .counter,
            "peers_rejected",
            "Connections to a bound endpoint that did not get through the handshake."
        ),
        Metric(
            "events_dropped_total",
            .counter,
            "events_dropped",
            "Events that nobody read and that had to make room."
        ),
        Metric(
            "queues_dropped_total",
            .counter,
            "queues_dropped",
            "Queues of lost links that were dropped, with what may still have been in them."
        ),
        Metric("peers", .gauge, "peers", "Peers with a finished handshake now."),
    ]

    /// Those that only whoever looks from outside has: what a socket is doing at the moment.
    static let ofMoment: [Metric] = [
        Metric("held_messages", .gauge, "held_messages", "Messages received and not handed over yet."),
        Metric("held_bytes", .gauge, "held_bytes", "Bytes of the messages received and not handed over yet."),
        Metric("waiting_senders", .gauge, "waiting_senders", "Calls that wait for room to send."),
        Metric("waiting_receivers", .gauge, "waiting_receivers", "Calls that wait for a message."),
        Metric("age_seconds", .gauge, "age", "Time since the socket was opened."),
    ]

    /// What is kept of a socket's numbers: whatever else a document has, it is not to fill the memory.
    static let fields = Set((ofSockets + ofMoment).map(\.field))

    /// Whether a program that serves statistics has answered.
    static let up = Metric("up", .gauge, "up", "Whether the program has answered with its statistics.")
}
