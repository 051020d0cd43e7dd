// SPDX-License-Identifier: Apache-2.0

import Dispatch
import ExperimanceZMQ
import OtherSide

let anyPort = "tcp://127.0.0.1:0"
let patience = ZMQTimeout.seconds(60)

func receive(_ flow: Flow) throws {
    let puller = try ZMQPuller()
    other_side_tell_endpoint(try puller.bind(anyPort, timeout: patience))
    var meter = Meter(flow)
    while true {
        let message = try puller.receive(timeout: patience)
        if meter.take(message.bytes) { break }
    }
    meter.report()
    try end(puller)
}

func receiveMessages(_ flow: Flow) async throws {
    let puller = try await begin()
    var meter = Meter(flow)
    for try await message in puller.messages where meter.take(message.bytes) { break }
    meter.report()
    try await end(puller)
}

func receiveArrays(_ flow: Flow) async throws {
    let puller = try await begin()
    var meter = Meter(flow)
    for try await message in puller.messages {
        let array = [UInt8](message)
        if meter.take(array.span.bytes) { break }
    }
    meter.report()
    try await end(puller)
}

func receiveBatches(_ flow: Flow) async throws {
    let puller = try await begin()
    var meter = Meter(flow)
    receiving: for try await batch in puller.batches {
        for message in batch where meter.take(message.bytes) { break receiving }
    }
    meter.report()
    try await end(puller)
}

@MainActor
func receiveMessagesOnMainActor(_ flow: Flow) async throws {
    let puller = try await begin()
    var meter = Meter(flow)
    for try await message in puller.messages where meter.take(message.bytes) { break }
    meter.report()
    try await end(puller)
}

@MainActor
func receiveArraysOnMainActor(_ flow: Flow) async throws {
    let puller = try await begin()
    var meter = Meter(flow)
    for try await message in puller.messages {
        let array = [UInt8](message)
        if meter.take(array.span.bytes) { break }
    }
    meter.report()
    try await end(puller)
}

/// Jobs on a queue of Dispatch.
final class QueueExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "bench-swift")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}

/// An actor with an executor of its own.
actor OwnActor {
    private let executor = QueueExecutor()
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func receiveMessages(_ flow: Flow) async throws {
        let puller = try await begin()
        var meter = Meter(flow)
        for try await message in puller.messages where meter.take(message.bytes) { break }
        meter.report()
        try await end(puller)
    }

    func receiveArrays(_ flow: Flow) async throws {
        let puller = try await begin()
        var meter = Meter(flow)
        for try await message in puller.messages {
            let array = [UInt8](message)
            if meter.take(array.span.bytes) { break }
        }
        meter.report()
        try await end(puller)
    }
}

private func begin() async throws -> ZMQPuller {
    let puller = try ZMQPuller()
    other_side_tell_endpoint(try await puller.bind(anyPort, timeout: patience))
    return puller
}

private func end(_ puller: ZMQPuller) throws {
    other_side_release()
    try puller.close(linger: .zero)
    other_side_await_exit()
}

private func end(_ puller: ZMQPuller) async throws {
    other_side_release()
    try await puller.close(linger: .zero)
    other_side_await_exit()
}
