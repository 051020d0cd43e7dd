// SPDX-License-Identifier: Apache-2.0

import Dispatch
import ExperimanceZMQ
import Glibc
import OtherSide
import Synchronization

/// Subscribers that are connected and have nothing to do.
private let idle = Atomic<Int>(0)

/// Has that many connected subscribers wait in tasks, and ends as a service does when it is sent SIGTERM: its tasks are
/// cancelled, its sockets closed.
func endWhenTerminated(sockets: Int) -> Never {
    signal(SIGTERM, SIG_IGN)
    let service = Task.detached {
        do {
            try await ZMQPublisher.with { publisher in
                let endpoint = try await publisher.bind(anyPort, timeout: patience)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<sockets {
                        group.addTask {
                            try await ZMQSubscriber.with { subscriber in
                                try subscriber.subscribe(to: "")
                                try await subscriber.connect(endpoint, timeout: patience)
                                if idle.wrappingAdd(1, ordering: .relaxed).newValue == sockets { other_side_release() }
                                for try await _ in subscriber.messages {}
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        } catch {
            fail("\(error)")
        }
        exit(0)
    }
    let signals = DispatchSource.makeSignalSource(signal: SIGTERM)
    signals.setEventHandler { service.cancel() }
    signals.resume()
    return withExtendedLifetime(signals) { dispatchMain() }
}
