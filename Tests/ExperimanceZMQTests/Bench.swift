// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ

/// Two linked pairs that have to work after every misuse as before.
struct Bench: Sendable {
    let context: ZMQContext
    let pusher: ZMQPusher
    let puller: ZMQPuller
    let publisher: ZMQPublisher
    let subscriber: ZMQSubscriber

    init() throws {
        context = try ZMQContext()
        pusher = try ZMQPusher(context: context)
        puller = try ZMQPuller(context: context)
        publisher = try ZMQPublisher(context: context)
        subscriber = try ZMQSubscriber(context: context)
        try pusher.connect(puller.bind("tcp://127.0.0.1:0"), timeout: ample)
        try puller.waitForPeers(atLeast: 1, timeout: ample)
        try subscriber.subscribe(to: "t")
        try subscriber.connect(publisher.bind("tcp://127.0.0.1:0"), timeout: ample)
        try publisher.waitForPeers(atLeast: 1, timeout: ample)
        try publisher.waitForSubscribers(of: "t", timeout: ample)
    }

    var states: [ZMQSocketState] { [pusher.state, puller.state, publisher.state, subscriber.state] }

    func peers() throws -> [Int] {
        try [pusher.statistics(), puller.statistics(), publisher.statistics(), subscriber.statistics()].map(\.peers)
    }

    func works() throws -> Bool {
        try pusher.send([1], timeout: ample)
        try publisher.publish([2], to: "t")
        return try puller.receive(timeout: ample) == [1] && subscriber.receive(timeout: ample).payload == [2]
    }
}
