// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Testing

@testable import ExperimanceZMQ

@Suite("libzmq's signal, used up by a call that can do nothing with it", .watchdog)
struct UsedUpSignalTests {
    @Test("A send that is refused hides no request that has come")
    func refusedSend() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let replier = try ZMQSocket(.rep, context: context)
        let requester = try ZMQSocket(.req, context: context)
        try requester.connect(replier.bind("inproc://used up"), timeout: ample)
        let descriptor = try replier.descriptor()
        // The one who would see the signal first is kept from it.
        let (isHeld, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try context.core().supervisor.perform {
            isHeld.signal()
            release.wait()
        }
        isHeld.wait()
        defer { release.signal() }
        try requester.send([1], timeout: ample)
        #expect(failure { try replier.send([2], timeout: ample) }.error?.code == .state)
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&watched, 1, 0) == 1)
    }
}
