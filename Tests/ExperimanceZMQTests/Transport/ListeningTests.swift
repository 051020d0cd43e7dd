// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import ExperimanceZMQ

@Suite("Listening", .watchdog)
struct ListeningTests {
    @Test("Another family is tried where the first is missing or forbidden, and not where it would hide the reason")
    func families() {
        for number in [EAFNOSUPPORT, EPERM, EACCES, ENOSYS, EADDRNOTAVAIL, EPROTONOSUPPORT, ENOPROTOOPT] {
            #expect(ListeningDescriptor.asksForAnotherFamily(number), "\(describe(errno: number))")
        }
        for number in [EADDRINUSE, EMFILE, ENFILE, ENOMEM, ENOBUFS] {
            #expect(!ListeningDescriptor.asksForAnotherFamily(number), "\(describe(errno: number))")
        }
        #expect(ListeningDescriptor.wildcards(port: 7).map(\.family) == [AF_INET6, AF_INET])
    }

    @Test(
        "An IPv4 address within one of IPv6 is written as what it is",
        arguments: [
            ("tcp://[::ffff:127.0.0.1]:5555", "tcp://127.0.0.1:5555"),
            ("tcp://[::ffff:7f00:1]:5555", "tcp://[::ffff:7f00:1]:5555"),
            ("tcp://[::1]:5555", "tcp://[::1]:5555"),
            ("tcp://127.0.0.1:5555", "tcp://127.0.0.1:5555"),
            ("ipc:///a/path", "ipc:///a/path"),
            ("tcp://[::ffff:", "tcp://[::ffff:"),
        ]
    )
    func unmapped(endpoint: String, written: String) {
        #expect(NumericAddress.unmapped(endpoint) == written)
    }

    @Test("Who has a port is said as it is")
    func inUse() {
        let failure = ListeningDescriptor.Failure(number: EADDRINUSE)
        let ours = ConnectFailure(failure, port: 5555) { $0 == 5555 }
        #expect(ours.code == .addressInUse && ours.reason.contains("this process"))
        let others = ConnectFailure(failure, port: 5555) { _ in false }
        #expect(others.code == .addressInUse && others.reason.contains("ss -tanp 'sport = :5555'"))
        let missing = ConnectFailure(.init(number: EPERM, isForNone: true))
        #expect(missing.code == .permission && missing.reason.contains("such a socket"))
    }

    @Test("Threads that can be had are no shortage, and none of them is left")
    func threads() throws {
        #expect(ThreadReserve.shortage(of: 2) == nil)
        #expect(ThreadReserve.shortage(of: 0) == nil)
    }

    @Test("What libzmq's threads need works here, and what a filter says of a call is a status that is not made up")
    func rehearsal() throws {
        #expect(throws: Never.self) { try Rehearsal.perform() }
        #expect(ZMQSocketError.Code(errno: ENOSYS) == .notSupported)
        #expect(ZMQSocketError.Code(errno: EPERM) == .permission)
    }

    @Test("A socket in Swift listens with a descriptor of somebody else")
    func descriptor() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        try #require(listen(descriptor, 8) == 0)
        let puller = try ZMQPuller()
        let endpoint = try puller.bind(descriptor: descriptor)
        let pusher = try ZMQPusher()
        try pusher.connect(endpoint)
        #expect(throws: ZMQSocketError.self) { try puller.bind(descriptor: -1) }
        try pusher.close()
        try puller.close()
    }
}
