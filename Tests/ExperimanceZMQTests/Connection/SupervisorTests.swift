// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import ExperimanceZMQ

@Suite("Supervisor", .watchdog)
struct SupervisorTests {
    /// What the supervisor's thread has called, in order.
    private final class Calls: Sendable {
        let firstBegan = Completion()
        let firstMayEnd = Completion()
        let alarm = Completion()
        let before = Atomic<Int>(0)
        let atAlarm = Atomic<Int>(0)
    }

    private func soon() -> Deadline { Deadline(milliseconds: 20_000, after: .now()) }

    /// An alarm says that something has not happened: a link is given up, with its queue, when libzmq has not announced
    /// another attempt. So a supervisor that is behind first hears of all that has.
    @Test("What has happened comes before an alarm, however much it is", arguments: [10, 63, 64, 65, 500])
    func alarmsComeLast(count: Int) throws {
        let supervisor = try Supervisor()
        let calls = Calls()
        var bells = [Bell](repeating: Bell(), count: count + 1)
        for i in bells.indices { try #require(bells[i].open() == 0) }
        let opened = bells
        var tokens = [
            try supervisor.watch(opened[0].descriptor) { _ in
                opened[0].silence()
                calls.firstBegan.complete()
                _ = calls.firstMayEnd.wait(until: Deadline(milliseconds: 20_000, after: .now()))
            }
        ]
        for bell in opened.dropFirst() {
            tokens.append(
                try supervisor.watch(bell.descriptor) { _ in
                    bell.silence()
                    calls.before.wrappingAdd(1, ordering: .relaxed)
                }
            )
        }
        opened[0].ring()
        #expect(calls.firstBegan.wait(until: soon()))
        // It is busy. All of this happens meanwhile, and then the alarm is due.
        for bell in opened.dropFirst() { bell.ring() }
        _ = supervisor.schedule(at: .now()) {
            calls.atAlarm.store(calls.before.load(ordering: .relaxed), ordering: .relaxed)
            calls.alarm.complete()
        }
        calls.firstMayEnd.complete()
        #expect(calls.alarm.wait(until: soon()))
        #expect(calls.atAlarm.load(ordering: .relaxed) == count)
        for (token, bell) in zip(tokens, opened) { supervisor.unwatch(token, descriptor: bell.descriptor) }
        let end = Completion()
        supervisor.stop { end.complete() }
        #expect(end.wait(until: soon()))
        for i in bells.indices { bells[i].close() }
    }

    @Test("Descriptors that are always ready do not keep the alarms for ever")
    func alarmsComeAtAll() throws {
        let supervisor = try Supervisor()
        let alarm = Completion()
        var bells = [Bell](repeating: Bell(), count: 100)
        var tokens: [Supervisor.Token] = []
        for i in bells.indices {
            try #require(bells[i].open() == 0)
            bells[i].ring()
            tokens.append(try supervisor.watch(bells[i].descriptor) { _ in })
        }
        _ = supervisor.schedule(at: .now()) { alarm.complete() }
        #expect(alarm.wait(until: soon()))
        for (token, bell) in zip(tokens, bells) { supervisor.unwatch(token, descriptor: bell.descriptor) }
        let end = Completion()
        supervisor.stop { end.complete() }
        #expect(end.wait(until: soon()))
        for i in bells.indices { bells[i].close() }
    }
}
