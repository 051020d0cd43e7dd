// SPDX-License-Identifier: Apache-2.0

import Dispatch
import ExperimanceZMQ
import Foundation

/// Tells what the program does: one line for each thing that happens, at once, on standard output, as the examples in C
/// and Python do.
///
///     81203.412345 connecting attempt=1 tcp://127.0.0.1:5555
///
/// The seconds are those of the monotonic clock, which all processes of a machine share.
enum Journal {
    /// Writes a line about now.
    static func write(_ what: String, _ details: String) {
        writeLine(at: Int64(DispatchTime.now().uptimeNanoseconds), what, details)
    }

    /// Writes a line about an event of a socket.
    static func write(_ event: ZMQEvent) {
        let details =
            switch event.kind {
            case .connecting: "attempt=\(event.attempt ?? 0) \(event.endpoint ?? "")"
            case .retryIn: "attempt=\(event.attempt ?? 0) ms=\((event.delay ?? .zero) / .milliseconds(1))"
            case .handshaken: "attempt=\(event.attempt ?? 0) peers=\(event.count ?? 0)"
            case .subscriberJoined, .subscriberLeft:
                "topic=\(String(decoding: event.topic ?? [], as: UTF8.self)) count=\(event.count ?? 0)"
            case .failed, .lost, .peerRejected, .queueDropped, .noAuthenticator:
                "attempt=\(event.attempt ?? 0) status=\(event.code?.name ?? "") \(event.message ?? "")"
            case .closed, .listening: event.endpoint ?? ""
            }
        writeLine(at: event.monotonicNanoseconds, event.kind.name, details)
    }

    private static func writeLine(at nanoseconds: Int64, _ what: String, _ details: String) {
        let microseconds = String(nanoseconds / 1000 % 1_000_000 + 1_000_000).dropFirst()
        let line = "\(nanoseconds / 1_000_000_000).\(microseconds) \(what) \(details)\n"
        FileHandle.standardOutput.write(Data(line.utf8))
    }
}
