// SPDX-License-Identifier: Apache-2.0
//
// swift-subscriber ENDPOINT
//
// Receives render requests until the one that says it is the last. The publisher may start later than this program,
// and may go away and come back meanwhile.

import ExperimanceZMQ
import Foundation

struct RenderRequest: Decodable {
    var sender: Int
    var number: Int
    var last: Bool
}

@main
struct SwiftSubscriber {
    static func main() throws {
        guard CommandLine.arguments.count == 2 else {
            FileHandle.standardError.write(Data("usage: swift-subscriber ENDPOINT\n".utf8))
            exit(2)
        }
        let subscriber = try ZMQSubscriber()
        Thread.detachNewThread { tellEvents(of: subscriber) }
        try subscriber.subscribe("RenderRequest")
        // Returns at once. Attempts go on in the background until there is a publisher, and again when it is lost;
        // the subscription comes back with every new connection.
        try subscriber.connectInBackground(CommandLine.arguments[1])

        let decoder = JSONDecoder()
        var isLast = false
        while !isLast {
            let message = try subscriber.receive(timeout: .seconds(30))
            let request = try decoder.decode(RenderRequest.self, from: Data(message.payload))
            Journal.write("received", "sender=\(request.sender) number=\(request.number)")
            isLast = request.last
        }
        let closing = try ContinuousClock().measure { try subscriber.close() }
        Journal.write("closed", "ms=\(closing / .milliseconds(1))")
    }

    /// Writes about the socket's links until it is closed. All of a socket may be used from any thread.
    private static func tellEvents(of subscriber: ZMQSubscriber) {
        while true {
            do {
                Journal.write(try subscriber.nextEvent(timeout: .seconds(60)))
            } catch {
                guard error.code == .timeout else { return }
            }
        }
    }
}
