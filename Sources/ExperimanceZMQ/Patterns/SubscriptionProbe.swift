// SPDX-License-Identifier: Apache-2.0

/// The topics with which a subscriber asks a publisher of this library whether its subscriptions have arrived.
///
/// Subscriptions travel in order. A subscriber adds a subscription nobody else has; the publisher, on reading it,
/// publishes one message of that topic; when it comes back, every subscription made before it is active. A publisher of
/// another library takes it for a topic that nobody publishes.
enum SubscriptionProbe {
    /// Begins with a zero byte, which no topic that is written as text does.
    private static let prefix: [UInt8] = [0] + Array("experimance-zmq-probe:".utf8)
    /// A number in hexadecimal digits follows, and nothing else: what comes back to everybody who has subscribed to
    /// everything must not carry what somebody would like to tell them.
    private static let digits = 1...16

    static func isProbe(_ topic: some Collection<UInt8>) -> Bool {
        guard topic.first == 0, digits.contains(topic.count - prefix.count), topic.starts(with: prefix) else {
            return false
        }
        return topic.dropFirst(prefix.count).allSatisfy { digit in
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit || UInt8(ascii: "a")...UInt8(ascii: "f") ~= digit
        }
    }

    static func make() -> [UInt8] {
        var system = SystemRandomNumberGenerator()
        return prefix + Array(String(system.next(), radix: 16).utf8)
    }
}

/// The answers to one probe.
struct ProbeEchoes {
    private var sources: Set<Int32> = []
    private var anonymous = 0

    mutating func add(from source: Int32?) {
        if let source { sources.insert(source) } else { anonymous += 1 }
    }

    /// Publishers that have answered.
    var count: Int { sources.count + anonymous }
}
