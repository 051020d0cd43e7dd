// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Shell

/// Sends messages, of one part or several.
struct Outgoing: Sendable {
    let opened: OpenSocket
    /// What is put in front of each, as a part of its own.
    let topic: String?
    /// Whether a topic and what belongs to it are one part.
    let joins: Bool

    init(_ opened: OpenSocket, topic: String? = nil, joins: Bool = false) {
        self.opened = opened
        self.topic = topic
        self.joins = joins
    }

    /// What goes out for a message.
    func parts(of message: [[UInt8]]) -> [[UInt8]] {
        let parts = (topic.map { [Array($0.utf8)] } ?? []) + message
        guard joins, parts.count > 1 else { return parts }
        return [parts[0] + [UInt8(ascii: " ")] + parts[1]] + parts.dropFirst(2)
    }

    /// - Throws: `timedOut`; what the library says otherwise.
    func send(_ message: [[UInt8]]) throws {
        let (socket, parts) = (opened.socket, parts(of: message))
        try opened.patience.wait(orSay: "there was no room for a message, or no peer,") {
            (timeout) throws(ZMQSocketError) in
            if parts.count == 1 {
                try socket.send(parts[0], timeout: timeout)
            } else {
                try socket.send(parts: parts, timeout: timeout)
            }
        }
    }

    /// Waits until a message reaches so many subscribers; without a number it only tells if it reaches nobody.
    func awaitSubscribers(_ count: Int?, of message: [[UInt8]], _ telling: TellingOptions) throws {
        let socket = opened.socket
        guard let topic = String(validating: parts(of: message)[0], as: UTF8.self) else {
            guard count != nil else { return }
            throw Failure(.usage, "--wait-subscribers needs a topic that is a text")
        }
        if let count {
            try opened.patience.wait(orSay: "no \(count) subscribers have come") { (timeout) throws(ZMQSocketError) in
                try socket.waitForSubscribers(of: topic, atLeast: count, timeout: timeout)
            }
        } else {
            do throws(ZMQSocketError) {
                try socket.waitForSubscribers(of: topic, timeout: .zero)
            } catch {
                guard error.code == .timeout else { return }
                telling.tell(
                    "nobody has subscribed yet, and what nobody has subscribed to is dropped: "
                        + "--wait-subscribers 1 waits"
                )
            }
        }
    }
}
