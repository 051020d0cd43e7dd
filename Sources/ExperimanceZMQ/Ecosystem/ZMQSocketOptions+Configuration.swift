// SPDX-License-Identifier: Apache-2.0

#if Configuration
    public import Configuration

    extension ZMQSocketOptions {
        /// The defaults, but for what a configuration says.
        ///
        /// The keys are the names of the properties: `sendHighWaterMark`, `receiveHighWaterMark`, `maxMessageSize`,
        /// `sendBuffer`, `receiveBuffer`, `eventCapacity`, `ipcMode` are numbers; `linger`, `defaultTimeout`,
        /// `heartbeatInterval`, `heartbeatTimeout`, `keepAlive` seconds, with fractions; `conflate`, `interruptible`
        /// truth values; `identity` a text; `onFull` is `drop` or `wait`, `wireForm` is `multipart` or `space`. 0
        /// stands for nil, and for no heartbeat. `retry` has the keys of ``ZMQRetryPolicy/init(config:)`` below it.
        ///
        /// - Throws: `invalid` for a value that is there and makes no sense for its key, which the message names. What
        ///   is out of range is found when a socket is opened.
        public init(config: ConfigReader) throws(ZMQSocketError) {
            self.init()
            let reading = Reading(config)
            try reading.count("sendHighWaterMark", into: &sendHighWaterMark)
            try reading.count("receiveHighWaterMark", into: &receiveHighWaterMark)
            try reading.count("maxMessageSize", into: &maxMessageSize)
            try reading.count("sendBuffer", into: &sendBuffer)
            try reading.count("receiveBuffer", into: &receiveBuffer)
            try reading.count("eventCapacity", into: &eventCapacity)
            try reading.count("ipcMode", into: &ipcMode)
            try reading.seconds("linger", into: &linger)
            try reading.seconds("defaultTimeout", into: &defaultTimeout)
            try reading.seconds("keepAlive", into: &keepAlive)
            if let interval = try reading.seconds("heartbeatInterval") {
                heartbeat = interval == .zero ? .off : .every(interval)
            }
            try reading.seconds("heartbeatTimeout", into: &heartbeatTimeout)
            try reading.truth("conflate", into: &conflate)
            try reading.truth("interruptible", into: &interruptible)
            if let text = try reading.text("identity") { identity = Array(text.utf8) }
            try reading.choice("onFull", of: ["drop": .drop, "wait": .wait], into: &onFull)
            try reading.choice("wireForm", of: ["multipart": .multipart, "space": .space], into: &wireForm)
            retry = try ZMQRetryPolicy(config: config.scoped(to: "retry"))
        }
    }

    extension ZMQRetryPolicy {
        /// The default policy, but for what a configuration says.
        ///
        /// The keys are the names of the properties: `maxAttempts` and `seed` are numbers; `initialBackoff`,
        /// `maxBackoff`, `attemptTimeout` seconds, with fractions; `multiplier` a number with a fraction; `jitter` is
        /// `none`, `full`, `equal`, `decorrelated`, or `proportional` with its ratio at `jitterRatio` (0.2 if there is
        /// none). 0 stands for nil.
        ///
        /// - Throws: `invalid` for a value that is there and makes no sense for its key, which the message names, and
        ///   for a policy that ``validate()`` refuses.
        public init(config: ConfigReader) throws(ZMQSocketError) {
            self.init()
            let reading = Reading(config)
            try reading.count("maxAttempts", into: &maxAttempts)
            try reading.seconds("initialBackoff", into: &initialBackoff)
            try reading.seconds("maxBackoff", into: &maxBackoff)
            try reading.seconds("attemptTimeout", into: &attemptTimeout)
            if let number = try reading.number("multiplier") { multiplier = number }
            var number: Int?
            try reading.count("seed", into: &number)
            guard (number ?? 0) >= 0 else { throw reading.refusal("seed") }
            seed = number.map(UInt64.init)
            let ratio = try reading.number("jitterRatio") ?? 0.2
            let jitters: [String: ZMQJitter] = [
                "none": .none, "full": .full, "equal": .equal, "decorrelated": .decorrelated,
                "proportional": .proportional(ratio: ratio),
            ]
            try reading.choice("jitter", of: jitters, into: &jitter)
            try validate()
        }
    }

    /// Tells a key that is not there, which leaves the default, from a value that makes no sense, which nobody wants.
    private struct Reading {
        private let config: ConfigReader

        init(_ config: ConfigReader) { self.config = config }

        func refusal(_ name: String) -> ZMQSocketError {
            ZMQSocketError(.invalid, message: "the configuration's value of \(name) makes no sense")
        }

        /// - Throws: `invalid` if there is a value after all, of another kind.
        private func absent(_ name: String) throws(ZMQSocketError) {
            let key = ConfigKey(name)
            let isThere =
                config.string(forKey: key) != nil || config.int(forKey: key) != nil
                || config.double(forKey: key) != nil || config.bool(forKey: key) != nil
            if isThere { throw refusal(name) }
        }

        func count(_ name: String, into value: inout Int) throws(ZMQSocketError) {
            if let found = config.int(forKey: ConfigKey(name)) { value = found } else { try absent(name) }
        }

        /// With 0 for nil, as configurations have no other word for it.
        func count(_ name: String, into value: inout Int?) throws(ZMQSocketError) {
            var found = value ?? 0
            try count(name, into: &found)
            value = found == 0 ? nil : found
        }

        func truth(_ name: String, into value: inout Bool) throws(ZMQSocketError) {
            if let found = config.bool(forKey: ConfigKey(name)) { value = found } else { try absent(name) }
        }

        func text(_ name: String) throws(ZMQSocketError) -> String? {
            if let found = config.string(forKey: ConfigKey(name)) { return found }
            try absent(name)
            return nil
        }

        func number(_ name: String) throws(ZMQSocketError) -> Double? {
            let key = ConfigKey(name)
            if let found = config.double(forKey: key) { return found }
            if let found = config.int(forKey: key) { return Double(found) }
            try absent(name)
            return nil
        }

        func seconds(_ name: String) throws(ZMQSocketError) -> Duration? {
            guard let found = try number(name) else { return nil }
            // Duration's own would end the process for what is not a number.
            guard abs(found) < 1e9 else { throw refusal(name) }
            return .seconds(found)
        }

        func seconds(_ name: String, into value: inout Duration) throws(ZMQSocketError) {
            if let found = try seconds(name) { value = found }
        }

        func seconds(_ name: String, into value: inout Duration?) throws(ZMQSocketError) {
            var found = value ?? .zero
            try seconds(name, into: &found)
            value = found == .zero ? nil : found
        }

        func choice<Value>(
            _ name: String,
            of choices: [String: Value],
            into value: inout Value
        ) throws(ZMQSocketError) {
            guard let text = try text(name) else { return }
            guard let chosen = choices[text] else { throw refusal(name) }
            value = chosen
        }
    }
#endif
