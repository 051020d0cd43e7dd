// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Watch over connections with data under way", .watchdog)
struct LivenessWatchTests {
    private static let second: Int64 = 1_000_000_000
    private static let quiet = health(underWay: false, silence: 0)

    private static func health(underWay: Bool, silence: Int64) -> ConnectionHealth {
        ConnectionHealth(hasDataUnderWay: underWay, retransmissions: 5, unansweredProbes: 0, silence: silence)
    }

    @Test("It waits for traffic on a connection it knows")
    func start() {
        var watch = LivenessWatch(limit: 5)
        #expect(!watch.awaitsTraffic)
        watch.opened(7, cookie: 0)
        #expect(!watch.awaitsTraffic, "what is no TCP connection is not looked at")
        watch.opened(7, cookie: 77)
        #expect(watch.awaitsTraffic)
        watch.begin(messagesSent: 1)
        #expect(watch.isOn)
        #expect(!watch.awaitsTraffic)
        #expect(watch.interval == Self.second)
    }

    @Test("Without a limit nothing is looked at")
    func unlimited() {
        var watch = LivenessWatch(limit: nil)
        watch.opened(7, cookie: 77)
        #expect(!watch.awaitsTraffic)
        let dead = watch.look(messagesSent: 1) { _ in Self.health(underWay: true, silence: .max) }
        #expect(dead.isEmpty)
    }

    @Test("The kernel asks no more seldom than the watch looks", arguments: [(4, 1_000), (5, 1_000), (20, 4_000)])
    func retries(limit: Int32, milliseconds: Int32) {
        #expect(LivenessWatch(limit: limit).retryInterval == milliseconds)
        #expect(LivenessWatch(limit: nil).retryInterval == nil)
    }

    @Test("It goes on while something is sent or under way, and ends then")
    func end() {
        var watch = LivenessWatch(limit: 5)
        watch.opened(7, cookie: 77)
        watch.begin(messagesSent: 1)
        _ = watch.look(messagesSent: 2) { _ in Self.quiet }
        #expect(watch.isOn, "something was sent")
        _ = watch.look(messagesSent: 2) { _ in Self.health(underWay: true, silence: 0) }
        #expect(watch.isOn, "something is under way")
        _ = watch.look(messagesSent: 2) { _ in Self.quiet }
        #expect(!watch.isOn)
        #expect(watch.awaitsTraffic)
    }

    @Test("A silent host is ended once, one look before the limit, and told apart from a peer that goes")
    func death() {
        var watch = LivenessWatch(limit: 5)
        watch.opened(7, cookie: 77)
        watch.opened(8, cookie: 88)
        watch.begin(messagesSent: 1)
        func look(_ silence: Int64) -> [LivenessWatch.Dead] {
            watch.look(messagesSent: 2) { $0 == 7 ? Self.health(underWay: true, silence: silence) : Self.quiet }
        }
        let found = [4 * Self.second - 1, 4 * Self.second, 5 * Self.second].map { look($0) }
        #expect(found == [[], [LivenessWatch.Dead(descriptor: 7, cookie: 77)], []])
        let ends = [7, 7, 8].map { watch.closed($0) }
        #expect(ends == [true, false, false])
    }
}
