// SPDX-License-Identifier: Apache-2.0
// service ENDPOINT: shows the weather that somebody publishes there, until the process gets SIGTERM.

import ExperimanceZMQ
import Logging
import ServiceLifecycle

struct WeatherService: Service {
    let endpoint: String

    func run() async throws {
        try await ZMQSubscriber.with { subscriber in
            try subscriber.subscribe(to: "weather")
            try subscriber.connectInBackground(endpoint)  // the publisher may come later, and come back
            try await cancelWhenGracefulShutdown {
                for try await message in subscriber.messages { print(message.topic ?? "", message.text) }
            }
        }
    }
}

let service = WeatherService(endpoint: CommandLine.arguments.last ?? "")
let logger = Logger(label: "service")
try await ServiceGroup(services: [service], gracefulShutdownSignals: [.sigterm], logger: logger).run()
print("closed")
