// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExperimanceZMQ
import Shell

/// How much is told on standard error.
struct TellingOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Tell what happens to the connections, on standard error.")
    var verbose = false

    @Flag(name: .shortAndLong, help: "Tell nothing on standard error but why it failed.")
    var quiet = false

    func tell(_ message: @autoclosure () -> String) {
        if !quiet { Notices.write(message()) }
    }
}

/// Looks at what happens to a socket's connections, until it is closed.
///
/// - Parameters:
///   - tells: whether it is written to standard error.
///   - body: what else is done with it; runs on a thread of its own.
func watchEvents(of socket: ZMQSocket, tells: Bool, _ body: (@Sendable (ZMQEvent) -> Void)?) {
    BackgroundThread.start {
        while true {
            do throws(ZMQSocketError) {
                let event = try socket.nextEvent(timeout: .milliseconds(Int(Int32.max)))
                if tells { Notices.write(describe(event)) }
                body?(event)
            } catch {
                guard error.code == .timeout || error.code == .canceled else { return }
            }
        }
    }
}

private func describe(_ event: ZMQEvent) -> String {
    var words = ["\(event.kind)"]
    if let endpoint = event.endpoint { words.append(endpoint) }
    if let attempt = event.attempt { words.append("attempt \(attempt)") }
    if let delay = event.delay { words.append("in \(TimeText.write(delay))") }
    if let peer = event.peer { words.append("peer \(peer)") }
    if let topic = event.topic { words.append("topic \"\(String(decoding: topic, as: UTF8.self))\"") }
    let said = event.message ?? event.code?.explanation
    return words.joined(separator: " ") + (said.map { ": \($0)" } ?? "")
}
