// SPDX-License-Identifier: Apache-2.0
// service ENDPOINT: shows the weather that somebody publishes there, until the process gets SIGTERM.

import ExperimanceZMQ
import Logging
import ServiceLifecycle

let subscriber = try ZMQSubscriber()
try subscriber.subscribe(to: "weather")
try subscriber.connectInBackground(CommandLine.arguments.last ?? "")  // the publisher may come later, and come back

let weather = ZMQService(receivingFrom: subscriber) { message in print(message.topic ?? "", message.text) }
let logger = Logger(label: "service")
try await ServiceGroup(services: [weather], gracefulShutdownSignals: [.sigterm], logger: logger).run()
print("closed")
