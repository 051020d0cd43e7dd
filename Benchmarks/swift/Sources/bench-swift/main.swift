// SPDX-License-Identifier: Apache-2.0
//
// bench-swift WORK SIZE COUNT …: one of the works below, with plain libzmq on the other side. Each prints lines of
// numbers.

import Dispatch
import Glibc
import OtherSide

let arguments = CommandLine.arguments
let numbers = arguments.dropFirst(2).map { Int($0) ?? -1 }
guard arguments.count > 1, numbers.allSatisfy({ $0 >= 0 }) else { fail("usage: bench-swift WORK NUMBER …") }

/// The `index`th number after the name of the work.
func number(_ index: Int) -> Int {
    guard index < numbers.count else { fail("\(arguments[1]) needs more numbers") }
    return numbers[index]
}

/// Runs what is asynchronous on the default executor, and ends the process.
func run(_ work: @escaping @Sendable () async throws -> Void) -> Never {
    Task.detached {
        do { try await work() } catch { fail("\(error)") }
        exit(0)
    }
    // Not dispatchMain(): callgrind does not survive how that leaves the thread.
    while true { pause() }
}

/// The same with a main queue for what runs on the main actor.
func runWithMainQueue(_ work: @escaping @Sendable () async throws -> Void) -> Never {
    Task.detached {
        do { try await work() } catch { fail("\(error)") }
        exit(0)
    }
    dispatchMain()
}

switch arguments[1] {
case "receive", "messages", "arrays", "batches", "messages-main", "messages-actor", "arrays-main", "arrays-actor":
    let flow = Flow(size: number(0), count: number(1))
    other_side_push(Int64(flow.size), Int64(flow.total))
    switch arguments[1] {
    case "receive": try receive(flow)
    case "messages": run { try await receiveMessages(flow) }
    case "arrays": run { try await receiveArrays(flow) }
    case "batches": run { try await receiveBatches(flow) }
    case "messages-main": runWithMainQueue { try await receiveMessagesOnMainActor(flow) }
    case "messages-actor": run { try await OwnActor().receiveMessages(flow) }
    case "arrays-main": runWithMainQueue { try await receiveArraysOnMainActor(flow) }
    default: run { try await OwnActor().receiveArrays(flow) }
    }
case "send", "send-blocking", "send-many", "send-many-blocking":
    let flow = Flow(size: number(0), count: number(1))
    other_side_pull(Int64(flow.size), Int64(flow.warmUp), Int64(flow.count))
    switch arguments[1] {
    case "send": run { try await send(flow) }
    case "send-blocking": try sendBlocking(flow)
    case "send-many": run { try await sendMany(flow, atOnce: 250) }
    default: try sendManyBlocking(flow, atOnce: 250)
    }
case "round-trip", "round-trip-blocking":
    let (size, count) = (number(0), number(1))
    other_side_echo(Int64(size), Int64(count + count / 10))
    if arguments[1] == "round-trip" { run { try await ask(size: size, count: count) } }
    try askBlocking(size: size, count: count)
case "sockets":
    let (size, sockets, count) = (number(0), number(1), number(2))
    other_side_push_all(Int64(size), Int64(sockets), Int64(count), Int64(number(3)))
    run { try await receiveFromMany(size: size, sockets: sockets, count: count) }
case "terminate":
    let sockets = number(0)
    other_side_terminate()
    endWhenTerminated(sockets: sockets)
default:
    fail("no work of that name: \(arguments[1])")
}
