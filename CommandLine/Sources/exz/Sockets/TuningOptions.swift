// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExperimanceZMQ

/// How a socket is set up.
struct TuningOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Messages queued for each peer, and from each peer, 0 without a limit.", valueName: "number")
    )
    var hwm: Int?

    @Option(
        help: ArgumentHelp(
            "How long what is queued is still sent at the end; as --timeout, and without it for ever.",
            valueName: "time"
        )
    )
    var linger: TimeArgument?

    @Option(help: ArgumentHelp("The name by which a ROUTER knows the socket.", valueName: "text"))
    var identity: String?

    @Option(help: ArgumentHelp("Send heartbeats so often, to notice a peer that is frozen.", valueName: "time"))
    var heartbeat: TimeArgument?

    @Option(help: ArgumentHelp("The silence after a heartbeat that ends a connection.", valueName: "time"))
    var heartbeatTimeout: TimeArgument?

    @Option(help: ArgumentHelp("The largest message, in bytes.", valueName: "number"))
    var maxSize: Int = 64 << 20

    @Flag(help: "Keep the newest message of each queue only.")
    var conflate = false

    @Flag(help: "Publish a topic and what belongs to it as one part, with a space between, and understand that.")
    var space = false

    @Option(help: ArgumentHelp("The mode of the file of an ipc endpoint, such as 660.", valueName: "octal"))
    var ipcMode: String?

    @Option(help: ArgumentHelp("Set an option of libzmq by its number in <zmq.h>.", valueName: "number=value"))
    var option: [NumberedOption] = []

    func validate() throws {
        if maxSize < 1 { throw ValidationError("--max-size has to be 1 or more") }
        if let hwm, hwm < 0 { throw ValidationError("--hwm has to be 0 or more") }
        if let ipcMode, Int(ipcMode, radix: 8) == nil {
            throw ValidationError("--ipc-mode has to be an octal number such as 660")
        }
    }

    func apply(to options: inout ZMQSocketOptions) {
        if let hwm {
            options.sendHighWaterMark = hwm == 0 ? nil : hwm
            options.receiveHighWaterMark = options.sendHighWaterMark
        }
        if let identity { options.identity = Array(identity.utf8) }
        if let heartbeat { options.heartbeat = .every(heartbeat.duration) }
        if let heartbeatTimeout { options.heartbeatTimeout = heartbeatTimeout.duration }
        options.maxMessageSize = maxSize
        options.conflate = conflate
        options.wireForm = space ? .space : .multipart
        if let ipcMode { options.ipcMode = Int(ipcMode, radix: 8) }
    }
}
