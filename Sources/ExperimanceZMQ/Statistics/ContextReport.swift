// SPDX-License-Identifier: Apache-2.0

import LibC

/// What is told of a context and the program it is in: the frame around the reports of its sockets.
struct ContextReport {
    /// Of the form of the document. It changes when something in it goes or gets another meaning; what comes does not
    /// change it.
    static let version = 1
    /// Bytes after which no other socket is begun, so that a document has a bound.
    static let enough = 1 << 20

    let process: Int32
    let program: String
    /// The context's among those of the process that serve statistics, from 1 on.
    let number: UInt64
    /// What the names of the context's threads begin with.
    let name: String
    let openedAt: MonotonicInstant
    let libzmq: String

    /// The document: JSON in one line.
    ///
    /// - Parameters:
    ///   - sockets: the handles of those that are open.
    ///   - report: tells of one; nil if it is closed by now.
    func document(
        of sockets: [UInt64],
        at now: MonotonicInstant,
        _ report: (UInt64) -> SocketReport?
    ) -> [UInt8] {
        var json = JSONBytes()
        json.object { json in
            json.member("version", Self.version)
            json.member("library", LibraryVersion.text)
            json.member("libzmq", libzmq)
            json.member("pid", process)
            json.member("program", program)
            json.name("context")
            json.object { json in
                json.member("number", number)
                json.member("name", name)
                json.member("uptime_s", seconds: now.nanoseconds(since: openedAt))
            }
            var told = 0
            json.name("sockets")
            json.array { json in
                for handle in sockets {
                    guard json.bytes.count < Self.enough else { break }
                    told += 1
                    if let report = report(handle) { Self.write(report, at: now, to: &json) }
                }
            }
            json.member("sockets_left_out", sockets.count - told)
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }

    private static func write(_ report: SocketReport, at now: MonotonicInstant, to json: inout JSONBytes) {
        json.object { json in
            // As text: not every reader of JSON keeps 64 bits.
            json.member("handle", "0x" + String(report.handle, radix: 16))
            json.member("number", report.number)
            json.member("type", report.kind.name)
            json.member("state", report.statistics.state.name)
            json.member("security", report.security)
            json.member("age_s", seconds: now.nanoseconds(since: report.openedAt))
            json.name("bound")
            json.array { json in for endpoint in report.bound { json.text(endpoint) } }
            json.name("links")
            json.array { json in for link in report.links { write(link, to: &json) } }
            json.member("endpoints_left_out", report.leftOut)
            json.member("peers", report.statistics.peers)
            write(report.statistics, to: &json)
            json.name("held")
            json.object { json in
                json.member("messages", report.held.messages)
                json.member("bytes", report.held.bytes)
            }
            json.name("waiting")
            json.object { json in
                json.member("senders", report.waiting.senders)
                json.member("receivers", report.waiting.receivers)
                json.member("others", report.waiting.others)
            }
            guard let failure = report.failure else { return json.null("last_error") }
            json.name("last_error")
            json.object { json in
                write(failure.code, failure.text, to: &json)
                json.member("age_s", seconds: now.nanoseconds(since: failure.at))
            }
        }
    }

    private static func write(_ link: SocketReport.Link, to json: inout JSONBytes) {
        json.object { json in
            json.member("endpoint", link.endpoint)
            json.member("state", link.state)
            json.member("attempts", link.attempts)
            guard let failure = link.failure else { return json.null("last_failure") }
            json.name("last_failure")
            json.object { json in write(failure.code, failure.reason, to: &json) }
        }
    }

    private static func write(_ code: ZMQSocketError.Code, _ text: String, to json: inout JSONBytes) {
        json.member("status", code.rawValue)
        json.member("name", code.name)
        json.member("text", text)
    }

    private static func write(_ statistics: ZMQStatistics, to json: inout JSONBytes) {
        json.name("counters")
        json.object { json in
            json.member("messages_sent", statistics.messagesSent)
            json.member("bytes_sent", statistics.bytesSent)
            json.member("messages_received", statistics.messagesReceived)
            json.member("bytes_received", statistics.bytesReceived)
            json.member("sends_refused", statistics.sendsRefused)
            json.member("timeouts", statistics.timeouts)
            json.member("connect_attempts", statistics.connectAttempts)
            json.member("reconnects", statistics.reconnects)
            json.member("links_lost", statistics.linksLost)
            json.member("peers_rejected", statistics.peersRejected)
            json.member("events_dropped", statistics.eventsDropped)
            json.member("queues_dropped", statistics.queuesDropped)
        }
    }

    /// What the kernel calls the program.
    static var programName: String {
        let descriptor = unsafe open("/proc/self/comm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        return unsafe withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { room in
            let count = unsafe max(0, read(descriptor, room.baseAddress, room.count))
            let name = unsafe room.prefix(count).prefix { $0 != UInt8(ascii: "\n") }
            return unsafe String(decoding: name, as: UTF8.self)
        }
    }
}

extension ZMQSocketState {
    /// The state in a word.
    var name: String {
        switch self {
        case .idle: "idle"
        case .listening: "listening"
        case .connecting: "connecting"
        case .ready: "ready"
        case .reconnecting: "reconnecting"
        case .closed: "closed"
        }
    }
}
