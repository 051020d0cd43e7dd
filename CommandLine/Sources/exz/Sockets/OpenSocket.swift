// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Shell

/// The options of every command that has a socket.
protocol SocketCommand {
    var endpoints: EndpointOptions { get }
    var tuning: TuningOptions { get }
    var protection: SecurityOptions { get }
    var telling: TellingOptions { get }
}

/// A socket that is bound and connected, and closed before the process ends, however that comes about: a bound path of
/// ipc goes with it.
struct OpenSocket: Sendable {
    let socket: ZMQSocket
    /// What a SUB can do besides.
    let subscriber: ZMQSubscriber?
    /// What a REQ can do besides.
    let requester: ZMQRequester?
    let patience: Patience
    /// Where it listens, with the ports that the system has chosen.
    private(set) var bound: [String] = []
    private let linger: Duration?
    private let isVerbose: Bool
    private let authenticator: ZMQAuthenticator?
    private let files = SocketFiles()

    /// Opens, binds and connects.
    ///
    /// - Parameter prepare: what comes before the first bind or connect.
    /// - Throws: what a person did wrong, or why nobody is there.
    init(_ type: ZMQSocketType, for command: some SocketCommand, prepare: (OpenSocket) throws -> Void = { _ in }) throws
    {
        try command.endpoints.requireOne()
        let places = command.endpoints.places
        // A pipe is slowed down, and nothing is dropped.
        try self.init(type, places, command.tuning, command.protection, command.telling, whenFull: .wait, prepare)
    }

    init(
        _ type: ZMQSocketType,
        _ places: Places,
        _ tuning: TuningOptions,
        _ protection: SecurityOptions?,
        _ telling: TellingOptions,
        whenFull: ZMQSocketOptions.FullQueue,
        security: ZMQSecurity? = nil,
        context: ZMQContext = .shared,
        onEvent: (@Sendable (ZMQEvent) -> Void)? = nil,
        _ prepare: (OpenSocket) throws -> Void = { _ in }
    ) throws {
        var options = ZMQSocketOptions()
        options.retry = places.policy
        options.onFull = whenFull
        tuning.apply(to: &options)
        options.security = try protection?.security() ?? security
        do throws(ZMQSocketError) {
            try options.validate(for: type)
        } catch {
            throw Failure(.usage, error.message)
        }
        patience = places.patience
        isVerbose = telling.verbose
        linger = tuning.linger?.duration ?? patience.limit
        authenticator = try protection?.authenticator()
        subscriber = type == .sub ? try ZMQSubscriber(options: options, context: context) : nil
        requester = type == .req ? try ZMQRequester(options: options, context: context) : nil
        socket = try subscriber?.socket ?? requester?.socket ?? ZMQSocket(type, options: options, context: context)
        let opened = socket
        let files = files
        Endings.add {
            try? opened.close(linger: .zero)
            // Where the command is closing it already, and waits for its queue, that has done nothing.
            files.remove()
        }
        if telling.verbose || onEvent != nil { watchEvents(of: socket, tells: telling.verbose, onEvent) }
        for option in tuning.option { try set(option) }
        try prepare(self)
        try bindAndConnect(places, telling)
        if let count = places.peers {
            try patience.wait(orSay: "no \(count) peers have come") { (timeout) throws(ZMQSocketError) in
                try opened.waitForPeers(atLeast: count, timeout: timeout)
            }
        }
    }

    private mutating func bindAndConnect(_ places: Places, _ telling: TellingOptions) throws {
        for endpoint in places.bind {
            let place = try naming(endpoint) { () throws(ZMQSocketError) in
                try socket.bind(endpoint, timeout: places.limit)
            }
            bound.append(place)
            files.add(endpoint: place)
            // Nobody could know where it is.
            if place != endpoint { telling.tell("listening at \(place)") }
        }
        for endpoint in places.connect {
            try naming(endpoint) { () throws(ZMQSocketError) in
                if places.isInBackground {
                    try socket.connectInBackground(endpoint)
                } else {
                    try socket.connect(endpoint, timeout: places.limit)
                }
            }
        }
    }

    private func set(_ option: NumberedOption) throws {
        do throws(ZMQSocketError) {
            try socket.set(option: option.number, to: option.value)
        } catch {
            throw Failure(.usage, "--option \(option.number)=\(option.value): \(error.message)")
        }
    }

    /// An endpoint that is none is a mistake of the caller's, anything else one of the world's.
    private func naming<Result>(_ endpoint: String, _ body: () throws(ZMQSocketError) -> Result) throws -> Result {
        do throws(ZMQSocketError) {
            return try body()
        } catch {
            guard error.code == .invalid || error.code == .notSupported else { throw error }
            throw Failure(.usage, error.endpoint == nil ? "\(endpoint): \(error.message)" : error.message)
        }
    }

    /// Receives a message.
    ///
    /// - Throws: `timedOut`; what the library says otherwise.
    func next() throws -> ZMQMessage {
        let socket = socket
        return try patience.wait(orSay: "no message has come") { (timeout) throws(ZMQSocketError) in
            try socket.receive(timeout: timeout)
        }
    }

    /// Closes the socket after `body`, also when that fails: what was taken before goes out.
    func closing(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            // It has failed already, and that is what is told; at once, as what was taken may need long to go out.
            Endings.giveWay()
            let status = tell(error)
            try? close()
            if let status { throw AlreadyTold(status) }
            throw error
        }
        try close()
    }

    /// Sends what is queued, and closes.
    ///
    /// - Throws: `timedOut` where the time was up before all of it had gone.
    func close() throws {
        Endings.giveWay()
        if isVerbose, socket.type.sends { Notices.write("closing: what is queued still goes out") }
        let start = ContinuousClock.now
        try socket.close(linger: linger.map { .duration($0) } ?? .milliseconds(Int(Int32.max)))
        if let linger, linger > .zero, ContinuousClock.now - start >= linger, socket.type.sends {
            throw Failure(
                .timedOut,
                "it may not all have gone out within \(TimeText.write(linger)): what is left is lost"
            )
        }
    }
}

extension ZMQSocketType {
    /// Whether it sends messages of the user's.
    var sends: Bool { self != .sub && self != .pull }
}
