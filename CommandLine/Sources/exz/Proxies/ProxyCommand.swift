// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExperimanceZMQ
import Shell

/// Which sockets a proxy has.
enum ProxyKind: String, ExpressibleByArgument, CaseIterable {
    /// XSUB in front, where publishers are, and XPUB behind, for subscribers.
    case pubsub
    /// ROUTER in front, for clients, and DEALER behind, where servers are.
    case reqrep
    /// PULL in front, and PUSH behind.
    case pipeline

    var types: (front: ZMQSocketType, back: ZMQSocketType) {
        switch self {
        case .pubsub: (.xsub, .xpub)
        case .reqrep: (.router, .dealer)
        case .pipeline: (.pull, .push)
        }
    }
}

struct Proxy: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Forward messages between many on one side and many on the other, until it is ended.",
        discussion:
            "pubsub: publishers in front, subscribers behind. reqrep: clients in front, servers behind. pipeline: "
            + "PUSH sockets in front, PULL sockets behind."
    )

    @Argument(help: "What is forwarded.")
    var kind: ProxyKind

    @Option(help: ArgumentHelp("Listen in front. May be given again.", valueName: "endpoint"))
    var frontBind: [String] = []

    @Option(help: ArgumentHelp("Connect in front. May be given again.", valueName: "endpoint"))
    var frontConnect: [String] = []

    @Option(help: ArgumentHelp("Listen behind. May be given again.", valueName: "endpoint"))
    var backBind: [String] = []

    @Option(help: ArgumentHelp("Connect behind. May be given again.", valueName: "endpoint"))
    var backConnect: [String] = []

    @Option(help: ArgumentHelp("Publish a copy of every message at this endpoint.", valueName: "endpoint"))
    var capture: String?

    @OptionGroup(title: "The sockets") var tuning: TuningOptions
    @OptionGroup var telling: TellingOptions

    func run() throws {
        let (frontType, backType) = kind.types
        let front = try Side("front", frontType, bind: frontBind, connect: frontConnect, tuning, telling)
        let back = try Side("back", backType, bind: backBind, connect: backConnect, tuning, telling)
        let copies = try capture.map { try Side("capture", .pub, bind: [$0], connect: [], tuning, telling) }
        let proxy = try ZMQProxy(front: front.socket, back: back.socket, capture: copies?.socket)
        // Nothing but a signal ends it. What is queued then has --linger to go out, nothing without it.
        Endings.add { [telling, linger = tuning.linger] in
            try? proxy.close()
            for side in [front, back] {
                try? side.socket.close(linger: linger.map { .duration($0.duration) } ?? .zero)
            }
            let done = proxy.statistics
            telling.tell(
                "forwarded \(done.messagesToBack) to the back, \(done.messagesToFront) to the front"
                    + (done.undeliverable > 0 ? ", \(done.undeliverable) could not be delivered" : "")
            )
        }
        telling.tell("forwarding")
        withExtendedLifetime((front, back, copies)) { Endings.waitForEnd() }
    }
}

/// One of a proxy's sockets.
private struct Side {
    let socket: ZMQSocket

    init(
        _ name: String,
        _ type: ZMQSocketType,
        bind: [String],
        connect: [String],
        _ tuning: TuningOptions,
        _ telling: TellingOptions
    ) throws {
        guard !bind.isEmpty || !connect.isEmpty else {
            throw Failure(.usage, "nothing in \(name): give --\(name)-bind or --\(name)-connect an endpoint")
        }
        let places = Places(bind: bind, connect: connect)
        // A subscriber that is too slow loses messages, as with a publisher of its own, and does not stop the others.
        socket = try OpenSocket(type, places, tuning, nil, telling, whenFull: .drop).socket
    }
}
