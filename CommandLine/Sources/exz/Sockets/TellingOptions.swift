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

/// Writes what happens to a socket's connections to standard error, until it is closed.
func tellEvents(of socket: ZMQSocket) {
    BackgroundThread.start {
        while true {
            do throws(ZMQSocketError) {
                Notices.write(describe(try socket.nextEvent(timeout: .milliseconds(Int(Int32.max)))))
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
