// SPDX-License-Identifier: Apache-2.0
//
// idle-subscribers [COUNT]: a service whose tasks wait for messages on so many sockets, and that ends on SIGTERM.
// Prints a line once all of them wait.
//
// idle-subscribers --most [COUNT] [--connected]: opens so many, or as many as there can be, prints what each has cost,
// and ends.

import Dispatch
import ExperimanceZMQ
import Foundation

@main
struct IdleSubscribers {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let number = arguments.lazy.compactMap { Int($0) }.first
        guard !arguments.contains("--most") else {
            let most = number ?? .max
            return try await MostSockets.measure(atMost: most, connected: arguments.contains("--connected"))
        }
        let count = number ?? 100
        let (source, terminations) = watchTermination()
        defer { source.cancel() }
        let publisher = try ZMQPublisher()
        let endpoint = try await publisher.bind("tcp://127.0.0.1:0")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    do {
                        try await ZMQSubscriber.with { subscriber in
                            try subscriber.subscribe(to: "")
                            try await subscriber.connect(endpoint, timeout: .seconds(60))
                            for try await _ in subscriber.messages {}
                        }
                    } catch  where Task.isCancelled {
                        // The publisher may hear of a subscription before the subscriber hears that it is connected.
                    }
                }
            }
            try await publisher.waitForSubscribers(of: "", atLeast: count, timeout: .seconds(60))
            FileHandle.standardOutput.write(Data("waiting\n".utf8))
            for await _ in terminations {}
            group.cancelAll()
            try await group.waitForAll()
        }
        try await publisher.close()
    }

    /// A sequence that ends with SIGTERM.
    private nonisolated static func watchTermination() -> (any DispatchSourceSignal, AsyncStream<Void>) {
        let (terminations, continuation) = AsyncStream.makeStream(of: Void.self)
        signal(SIGTERM, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
        source.setEventHandler { continuation.finish() }
        source.resume()
        return (source, terminations)
    }
}
