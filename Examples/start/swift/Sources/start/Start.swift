// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Glibc

@main
struct Start {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            switch (arguments.first, arguments.count) {
            case ("pull", 3): try await pull(from: arguments[1], count: Int(arguments[2]) ?? 0)
            case ("push", 3...): try await push(arguments[2...], to: arguments[1])
            default: fail("start pull ENDPOINT COUNT, or start push ENDPOINT JOB…", status: 2)
            }
        } catch {
            // It says what could not be done, where, why, and after how many attempts.
            fail("\(error)", status: 1)
        }
    }

    /// Receives so many jobs. Whoever pushes may come later.
    static func pull(from endpoint: String, count: Int) async throws {
        try await ZMQPuller.with { puller in
            try await puller.bind(endpoint)
            for _ in 0..<count {
                print(try await puller.receive(timeout: .seconds(30)).text)
            }
        }
    }

    /// Sends jobs to whoever pulls. A socket that goes out of `with` sends what is queued before it closes.
    static func push(_ jobs: ArraySlice<String>, to endpoint: String) async throws {
        try await ZMQPusher.with { pusher in
            try await pusher.connect(endpoint, timeout: .seconds(30))
            for job in jobs {
                try await pusher.send(job.utf8)
            }
        }
    }

    static func fail(_ message: String, status: Int32) -> Never {
        var line = "start: \(message)\n"
        line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
        exit(status)
    }
}
