// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import ExperimanceZMQ

@Suite("Calls of somebody else's code", .watchdog)
struct CallGateTests {
    @Test("None begins once the gate is closed")
    func closed() {
        let gate = CallGate()
        var calls = 0
        gate.pass { calls += 1 }
        gate.close(until: .never)
        gate.pass { calls += 1 }
        #expect(calls == 1)
    }

    @Test("A close waits for the call that runs")
    func running() throws {
        let gate = CallGate()
        let (begun, mayEnd, end) = (Completion(), Completion(), Completion())
        let call = BackgroundTask {
            gate.pass {
                begun.complete()
                _ = mayEnd.wait(until: .never)
                end.complete()
            }
        }
        #expect(begun.wait(until: .never))
        gate.close(until: Deadline(milliseconds: 1, after: .now()))
        #expect(!end.isDone)
        mayEnd.complete()
        gate.close(until: .never)
        #expect(end.isDone)
        try call.value()
    }
}
