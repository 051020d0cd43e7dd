// SPDX-License-Identifier: Apache-2.0

import CLinux

/// The watch over connections with data under way.
///
/// TCP keep-alive asks on a quiet connection only. With data under way the kernel sends it again, for about fifteen
/// minutes; its own limit for that (`TCP_USER_TIMEOUT`) also ends the connections of consumers that do not read. So
/// while a socket sends, the supervisor looks at its connections once in a while, and ends one whose host has answered
/// nothing for the time keep-alive would take. So it does for a moment after a connection was made, as a handshake and
/// a subscriber's subscriptions are data, too. A socket that does not send is not looked at, and costs nothing.
///
/// The kernel's questions come at growing intervals, of which three can take minutes. So the intervals of these
/// connections get a limit, where the kernel has one.
struct LivenessWatch {
    /// A look costs a system call for each connection; so many fit into the time after which a host counts as dead.
    private static let looks: Int64 = 5

    /// A connection whose host is silent, and the kernel's name for it.
    struct Dead: Equatable {
        let descriptor: Int32
        let cookie: UInt64
    }

    /// After so many nanoseconds a silent host counts as gone; nil where nobody asks.
    private let limit: Int64?
    /// The kernel's names of the open TCP connections, by descriptor: libzmq closes descriptors and others use them
    /// again.
    private var cookies: [Int32: UInt64] = [:]
    /// Connections ended here, whose end has not been noticed yet.
    private var ended: Set<Int32> = []
    private var messagesAtLastLook: UInt64 = 0
    /// Looks are being made.
    private(set) var isOn = false
    /// The next look's.
    var alarm: Supervisor.Token?

    /// - Parameter seconds: the time after which a silent host counts as gone; nil if that is not to be watched.
    init(limit seconds: Int32?) {
        limit = seconds.map { Int64($0) * 1_000 * nanosecondsPerMillisecond }
    }

    /// The next message is to start the watch.
    var awaitsTraffic: Bool { limit != nil && !isOn && !cookies.isEmpty }

    /// Nanoseconds from one look to the next.
    var interval: Int64 { (limit ?? .max) / Self.looks }

    /// Milliseconds from one of the kernel's questions to the next; nil where that is left to the kernel.
    var retryInterval: Int32? { limit.map { _ in max(1_000, Int32(clamping: interval / nanosecondsPerMillisecond)) } }

    /// A connection has been made.
    ///
    /// - Parameter cookie: the kernel's name for it; 0 for what is no TCP connection.
    mutating func opened(_ descriptor: Int32, cookie: UInt64) {
        guard cookie != 0 else { return }
        cookies[descriptor] = cookie
    }

    /// - Returns: whether it was ended because its host was silent.
    mutating func closed(_ descriptor: Int32) -> Bool {
        cookies[descriptor] = nil
        return ended.remove(descriptor) != nil
    }

    /// The first message after a while has been sent.
    mutating func begin(messagesSent: UInt64) {
        messagesAtLastLook = messagesSent
        isOn = true
    }

    /// - Returns: the alarm that is of no more interest.
    mutating func end() -> Supervisor.Token? {
        isOn = false
        defer { alarm = nil }
        return alarm
    }

    /// Looks at the connections. When nothing is under way on any, and nothing was sent, it is the last look.
    ///
    /// - Returns: those that are to be ended.
    mutating func look(messagesSent: UInt64, health: (Int32) -> ConnectionHealth?) -> [Dead] {
        guard let limit else { return [] }
        isOn = messagesSent != messagesAtLastLook
        messagesAtLastLook = messagesSent
        var dead: [Dead] = []
        for (descriptor, cookie) in cookies where !ended.contains(descriptor) {
            guard let health = health(descriptor), health.hasDataUnderWay else { continue }
            isOn = true
            // One look earlier than the limit: the next one would be late.
            guard health.isDead(after: limit - interval) else { continue }
            ended.insert(descriptor)
            dead.append(Dead(descriptor: descriptor, cookie: cookie))
        }
        return dead
    }
}
