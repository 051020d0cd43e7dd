// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import OtherSide

/// Receives `count` messages on each of many sockets at once, a task each. Prints the nanoseconds that went by, and
/// those of this process on the processor.
func receiveFromMany(size: Int, sockets: Int, count: Int) async throws {
    var pullers: [ZMQPuller] = []
    for _ in 0..<sockets {
        let puller = try ZMQPuller()
        other_side_tell_endpoint(try await puller.bind(anyPort, timeout: patience))
        pullers.append(puller)
    }
    // One each, so that all are connected.
    for puller in pullers { check(try await puller.receive(timeout: patience), 0, size) }
    let (start, processor) = (monotonic_nanoseconds(), processor_nanoseconds())
    other_side_release()
    try await withThrowingTaskGroup(of: Void.self) { group in
        for puller in pullers {
            group.addTask {
                var number = 1
                for try await message in puller.messages {
                    check(message, number, size)
                    number += 1
                    if number > count { break }
                }
            }
        }
        try await group.waitForAll()
    }
    print(monotonic_nanoseconds() - start, processor_nanoseconds() - processor)
    other_side_release()
    other_side_await_exit()
}

@inline(__always)
private func check(_ message: ZMQMessage, _ number: Int, _ size: Int) {
    let bytes = message.bytes
    guard bytes.byteCount == size, unsafe bytes.unsafeLoadUnaligned(as: Int.self) == number else {
        fail("message \(number) is missing")
    }
}
