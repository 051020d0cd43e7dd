// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ

/// Receives messages and writes them, as fast as they are read.
struct Incoming {
    let opened: OpenSocket
    let sink: MessageSink

    /// Goes on until so many have come; without a number until the process is ended.
    ///
    /// - Throws: `timedOut`; `failed`; what the library says otherwise.
    func writeAll(count: Int?) throws {
        var left = count ?? Int.max
        let socket = opened.socket
        while left > 0 {
            let batch = try opened.patience.wait(orSay: "no message has come") { (timeout) throws(ZMQSocketError) in
                try socket.receiveBatch(timeout: timeout)
            }
            let wanted = batch.prefix(left)
            if count != nil { left -= wanted.count }
            try sink.write(wanted, isLast: left == 0)
        }
    }
}
