// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExperimanceZMQ
import Shell

/// Where a socket is, and how long it is tried to get there.
struct EndpointOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Listen at an endpoint. May be given again.", valueName: "endpoint")
    )
    var bind: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Connect to an endpoint. May be given again.", valueName: "endpoint")
    )
    var connect: [String] = []

    @Flag(help: "Do not wait for the peers to connect to: they may start later.")
    var background = false

    @Option(
        help: ArgumentHelp(
            "The longest wait for a peer, a message, or room to send one; then the exit status is 3.",
            valueName: "time"
        )
    )
    var timeout: TimeArgument?

    @Option(help: ArgumentHelp("Wait for so many peers before anything else.", valueName: "number"))
    var waitPeers: Int?

    @Option(help: ArgumentHelp("Attempts to connect or bind, 0 without a limit.", valueName: "number"))
    var retryAttempts: Int?

    @Option(help: ArgumentHelp("The pause before the second attempt.", valueName: "time"))
    var retryInitial: TimeArgument?

    @Option(help: ArgumentHelp("The longest pause between attempts.", valueName: "time"))
    var retryMax: TimeArgument?

    @Option(help: ArgumentHelp("By what each pause is longer than the one before.", valueName: "factor"))
    var retryMultiplier: Double?

    @Option(help: "How the pauses are spread.")
    var retryJitter: JitterArgument?

    @Option(help: ArgumentHelp("The longest a single attempt may take.", valueName: "time"))
    var retryAttemptTimeout: TimeArgument?

    @Option(help: ArgumentHelp("What the spread is drawn from, to have it again.", valueName: "number"))
    var retrySeed: UInt64?

    func validate() throws {
        if let waitPeers, waitPeers < 1 { throw ValidationError("--wait-peers has to be 1 or more") }
        if let retryAttempts, retryAttempts < 0 { throw ValidationError("--retry-attempts has to be 0 or more") }
    }

    /// Not in ``validate()``, where it would come before a mistake in what was written.
    ///
    /// - Throws: `usage`.
    func requireOne() throws(Failure) {
        guard bind.isEmpty, connect.isEmpty else { return }
        throw Failure(.usage, "no endpoint: give --bind or --connect one, such as tcp://127.0.0.1:5555")
    }

    /// What they say, as a value.
    var places: Places {
        Places(
            bind: bind,
            connect: connect,
            isInBackground: background,
            policy: policy,
            limit: limit,
            patience: Patience(limit: timeout?.duration),
            peers: waitPeers
        )
    }

    private var policy: ZMQRetryPolicy {
        var policy = ZMQRetryPolicy()
        if let retryAttempts { policy.maxAttempts = retryAttempts == 0 ? nil : retryAttempts }
        if let retryInitial { policy.initialBackoff = retryInitial.duration }
        if let retryMax { policy.maxBackoff = retryMax.duration }
        if let retryMultiplier { policy.multiplier = retryMultiplier }
        if let retryJitter { policy.jitter = retryJitter.jitter }
        if let retryAttemptTimeout { policy.attemptTimeout = retryAttemptTimeout.duration }
        if let retrySeed { policy.seed = retrySeed }
        return policy
    }

    /// Without a time-out the attempts are counted, and each of them needs an end.
    private var limit: ZMQTimeout {
        if let timeout { return .duration(timeout.duration) }
        return retryAttempts == 0 ? .milliseconds(Int(Int32.max)) : .seconds(10)
    }
}
