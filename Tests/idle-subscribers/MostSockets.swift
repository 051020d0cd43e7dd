// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Foundation

/// How many sockets with a task that waits for a message one process can have, and what each costs.
struct MostSockets {
    private struct Use {
        let descriptors: Int
        let threads: Int
        /// KiB of memory that is in use.
        let memory: Int

        init() {
            descriptors = Self.entries(of: "/proc/self/fd")
            threads = Self.entries(of: "/proc/self/task")
            let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
            memory = Int(line.filter(\.isNumber)) ?? 0
        }

        private static func entries(of path: String) -> Int {
            (try? FileManager.default.contentsOfDirectory(atPath: path).count) ?? 0
        }
    }

    /// Opens sockets until there are so many, or there can be no more, and prints what that took.
    static func measure(atMost most: Int, connected: Bool) async throws {
        raiseLimit()
        let publisher = try ZMQPublisher()
        let endpoint = try await publisher.bind("tcp://127.0.0.1:0")
        // What a process has once.
        try await ZMQPuller.with { puller in
            _ = try? await puller.receive(timeout: .milliseconds(1))
        }
        let before = Use()
        // To count with when there is no descriptor left.
        let spare = open("/dev/null", O_RDONLY | O_CLOEXEC)
        var tasks: [Task<Void, any Error>] = []
        var end = "that was asked for"
        while tasks.count < most {
            do {
                let subscriber = try ZMQSubscriber()
                try subscriber.subscribe(to: "")
                if connected { try await subscriber.connect(endpoint, timeout: .seconds(60)) }
                tasks.append(Task { _ = try await subscriber.receive(timeout: .untilCancelled) })
            } catch {
                end = "\(error)"
                break
            }
        }
        // Those that have been started wait once others have had their turn.
        for _ in 0..<2 { await Task { await Task.yield() }.value }
        close(spare)
        let after = Use()
        print("\(tasks.count) sockets, \(connected ? "each with a connection, both ends here" : "without connections")")
        print("ended by:", end)
        func each(_ total: Int) -> String { "\((10 * total / max(1, tasks.count) + 5) / 10)" }
        print("descriptors of each:", each(after.descriptors - before.descriptors))
        print("KiB of each:", each(after.memory - before.memory))
        print("threads more:", after.threads - before.threads)
        for task in tasks { task.cancel() }
        for task in tasks { _ = await task.result }
        try await publisher.close(linger: .zero)
    }

    /// As many descriptors as the process may have without anybody's permission.
    private static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        print("descriptors allowed:", limit.rlim_cur)
    }
}
