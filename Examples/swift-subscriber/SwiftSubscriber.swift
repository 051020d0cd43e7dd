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
    static func main() async throws {
        guard CommandLine.arguments.count == 2 else {
            FileHandle.standardError.write(Data("usage: swift-subscriber ENDPOINT\n".utf8))
            exit(2)
        }
        let subscriber = try ZMQSubscriber()
        // Ends with the socket.
        let timeline = Task { for try await event in subscriber.events { Journal.write(event) } }
        try subscriber.subscribe(to: "RenderRequest")
        // Returns at once. Attempts go on in the background until there is a publisher, and again when it is lost;
        // the subscription comes back with every new connection.
        try subscriber.connectInBackground(CommandLine.arguments[1])

        let decoder = JSONDecoder()
        for try await message in subscriber.messages {
            let request = try decoder.decode(RenderRequest.self, from: Data(message))
            Journal.write("received", "sender=\(request.sender) number=\(request.number)")
            if request.last { break }
        }
        let start = ContinuousClock.now
        try await subscriber.close()
        Journal.write("closed", "ms=\((ContinuousClock.now - start) / .milliseconds(1))")
        try await timeline.value
    }
}
