// SPDX-License-Identifier: Apache-2.0

#if Configuration
    import Configuration
    import Testing

    @testable import ExperimanceZMQ

    @Suite("Configuration", .watchdog)
    struct ConfigurationTests {
        private func reader(_ values: [AbsoluteConfigKey: ConfigValue]) -> ConfigReader {
            ConfigReader(provider: InMemoryProvider(values: values))
        }

        @Test("What is not there keeps its default")
        func empty() throws {
            #expect(try ZMQSocketOptions(config: reader([:])) == ZMQSocketOptions())
            #expect(try ZMQRetryPolicy(config: reader([:])) == ZMQRetryPolicy())
        }

        @Test("0 is no limit, no heartbeat, and the system's own choice")
        func zeros() throws {
            let options = try ZMQSocketOptions(
                config: reader([
                    "sendHighWaterMark": 0, "maxMessageSize": 0, "keepAlive": 0, "heartbeatInterval": 0, "linger": 0,
                    "retry.maxAttempts": 0,
                ])
            )
            let expected = ZMQSocketOptions.with {
                ($0.sendHighWaterMark, $0.maxMessageSize, $0.keepAlive, $0.heartbeat) = (nil, nil, nil, .off)
                ($0.linger, $0.retry.maxAttempts) = (.zero, nil)
            }
            #expect(options == expected)
        }

        @Test("Each option and each part of the policy has its key")
        func all() throws {
            let options = try ZMQSocketOptions(
                config: reader([
                    "sendHighWaterMark": 1, "receiveHighWaterMark": 2, "maxMessageSize": 3, "sendBuffer": 4,
                    "receiveBuffer": 5, "eventCapacity": 6, "linger": 7.5, "defaultTimeout": 8, "keepAlive": 9,
                    "heartbeatInterval": 10, "heartbeatTimeout": 11.25, "conflate": true, "interruptible": true,
                    "identity": "me", "onFull": "wait", "wireForm": "space", "retry.maxAttempts": 12,
                    "retry.initialBackoff": 0.013, "retry.maxBackoff": 14, "retry.attemptTimeout": 15,
                    "retry.multiplier": 1.6, "retry.jitter": "proportional", "retry.jitterRatio": 0.5, "retry.seed": 17,
                ])
            )
            let expected = ZMQSocketOptions.with {
                ($0.sendHighWaterMark, $0.receiveHighWaterMark, $0.maxMessageSize) = (1, 2, 3)
                ($0.sendBuffer, $0.receiveBuffer, $0.eventCapacity) = (4, 5, 6)
                ($0.linger, $0.defaultTimeout, $0.keepAlive) = (.milliseconds(7500), .seconds(8), .seconds(9))
                ($0.heartbeat, $0.heartbeatTimeout) = (.every(.seconds(10)), .milliseconds(11_250))
                ($0.conflate, $0.interruptible, $0.identity) = (true, true, Array("me".utf8))
                ($0.onFull, $0.wireForm) = (.wait, .space)
                ($0.retry.maxAttempts, $0.retry.initialBackoff, $0.retry.maxBackoff) = (
                    12, .seconds(0.013), .seconds(14)
                )
                ($0.retry.attemptTimeout, $0.retry.multiplier, $0.retry.seed) = (.seconds(15), 1.6, 17)
                $0.retry.jitter = .proportional(ratio: 0.5)
            }
            #expect(options == expected)
        }

        @Test(
            "A value that makes no sense is an error that names its key, not the default in silence",
            arguments: [
                ("sendHighWaterMark", "many"), ("linger", 1e300), ("linger", .init(.double(.nan), isSecret: false)),
                ("conflate", "perhaps"), ("onFull", "explode"), ("wireForm", 3), ("retry.jitter", "some"),
                ("retry.seed", -1), ("retry.multiplier", "fast"),
            ] as [(String, ConfigValue)]
        )
        func nonsense(key: String, value: ConfigValue) {
            let error = #expect(throws: ZMQSocketError.self) {
                _ = try ZMQSocketOptions(config: reader([AbsoluteConfigKey(ConfigKey(key)): value]))
            }
            #expect(error?.code == .invalid)
            #expect(error?.message.contains(key.split(separator: ".").last ?? "") == true)
        }

        @Test("A policy out of range is refused as everywhere")
        func policyOutOfRange() {
            #expect(throws: ZMQSocketError.self) { try ZMQRetryPolicy(config: reader(["multiplier": 0.5])) }
        }
    }
#endif
