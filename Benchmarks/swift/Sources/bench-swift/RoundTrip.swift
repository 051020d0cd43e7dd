// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import OtherSide

/// Prints the nanoseconds of each round trip after the warm-up.
func ask(size: Int, count: Int) async throws {
    let socket = try ZMQSocket(.dealer)
    other_side_tell_endpoint(try await socket.bind(anyPort, timeout: patience))
    let message = [UInt8](repeating: 0, count: size)
    var times: [Int64] = []
    times.reserveCapacity(count + count / 10)
    for _ in 0..<(count + count / 10) {
        let start = monotonic_nanoseconds()
        try await socket.send(message, timeout: patience)
        guard try await socket.receive(timeout: patience).count == size else { fail("an answer of another size") }
        times.append(monotonic_nanoseconds() - start)
    }
    other_side_release()
    try await socket.close()
    report(times.dropFirst(count / 10))
}

func askBlocking(size: Int, count: Int) throws {
    let socket = try ZMQSocket(.dealer)
    other_side_tell_endpoint(try socket.bind(anyPort, timeout: patience))
    let message = [UInt8](repeating: 0, count: size)
    var times: [Int64] = []
    times.reserveCapacity(count + count / 10)
    for _ in 0..<(count + count / 10) {
        let start = monotonic_nanoseconds()
        try socket.send(message, timeout: patience)
        guard try socket.receive(timeout: patience).count == size else { fail("an answer of another size") }
        times.append(monotonic_nanoseconds() - start)
    }
    other_side_release()
    try socket.close()
    report(times.dropFirst(count / 10))
}

private func report(_ times: ArraySlice<Int64>) {
    print(times.map(String.init).joined(separator: "\n"))
    other_side_await_exit()
}
