// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import OtherSide

func send(_ flow: Flow) async throws {
    let pusher = try ZMQPusher()
    try await pusher.connect(endpointOfOtherSide(), timeout: patience)
    var message = [UInt8](repeating: 0, count: flow.size)
    for number in 0..<flow.total {
        message.write(number)
        try await pusher.send(message, timeout: patience)
    }
    other_side_await_exit()
}

func sendBlocking(_ flow: Flow) throws {
    let pusher = try ZMQPusher()
    try pusher.connect(endpointOfOtherSide(), timeout: patience)
    var message = [UInt8](repeating: 0, count: flow.size)
    for number in 0..<flow.total {
        message.write(number)
        try pusher.send(message, timeout: patience)
    }
    other_side_await_exit()
}

func sendMany(_ flow: Flow, atOnce: Int) async throws {
    let pusher = try ZMQPusher()
    try await pusher.connect(endpointOfOtherSide(), timeout: patience)
    var messages = [[UInt8]](repeating: [UInt8](repeating: 0, count: flow.size), count: atOnce)
    var number = 0
    while number < flow.total {
        let next = min(atOnce, flow.total - number)
        for index in 0..<next { messages[index].write(number + index) }
        number += try await pusher.send(contentsOf: messages.prefix(next), timeout: patience)
    }
    other_side_await_exit()
}

func sendManyBlocking(_ flow: Flow, atOnce: Int) throws {
    let pusher = try ZMQPusher()
    try pusher.connect(endpointOfOtherSide(), timeout: patience)
    var messages = [[UInt8]](repeating: [UInt8](repeating: 0, count: flow.size), count: atOnce)
    var number = 0
    while number < flow.total {
        let next = min(atOnce, flow.total - number)
        for index in 0..<next { messages[index].write(number + index) }
        number += try pusher.send(contentsOf: messages.prefix(next), timeout: patience)
    }
    other_side_await_exit()
}

/// Where the other side listens.
func endpointOfOtherSide() -> String {
    var name = [CChar](repeating: 0, count: Int(OTHER_SIDE_ENDPOINT_SIZE))
    unsafe other_side_hear_endpoint(&name)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

extension [UInt8] {
    /// Writes a number over the first bytes.
    @inline(__always)
    mutating func write(_ number: Int) {
        withUnsafeMutableBytes { unsafe $0.storeBytes(of: number, as: Int.self) }
    }
}
