// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import ExperimanceZMQ

@Suite("As many sockets as a process can have", .watchdog)
struct ManySocketsTests {
    @Test("Without a descriptor for one more it is refused, and all others go on")
    func limit() async {
        // In a process of its own, whose limit is nobody else's.
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 200, rlim_max: 200)
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            let puller = try ZMQPuller()
            let pusher = try ZMQPusher()
            try await pusher.connect(puller.bind("tcp://127.0.0.1:0"), timeout: ample)
            var waiting: [Task<ZMQMessage, any Error>] = []
            let refusal = #expect(throws: ZMQSocketError.self) {
                while true {
                    let socket = try ZMQPuller()
                    waiting.append(Task { try await socket.receive(timeout: .untilCancelled) })
                }
            }
            #expect(refusal?.code == .limit)
            // Three each, and a few that a process has once.
            #expect(waiting.count > 40)
            try await pusher.send([1], timeout: ample)
            #expect(try await puller.receive(timeout: ample) == [1])
            for task in waiting { task.cancel() }
            for task in waiting {
                let end = await #expect(throws: ZMQSocketError.self) { _ = try await task.value }
                #expect(end?.code == .canceled)
            }
            waiting = []
            // A socket that nobody has any more is closed in the background.
            while (try? ZMQPuller()) == nil { await Task.yield() }
        }
    }
}
