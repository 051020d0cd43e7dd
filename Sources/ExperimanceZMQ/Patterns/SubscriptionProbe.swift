// SPDX-License-Identifier: Apache-2.0

/// The topics with which a subscriber asks a publisher of this library whether its subscriptions have arrived.
///
/// Subscriptions travel in order. A subscriber adds a subscription nobody else has; the publisher, on reading it,
/// publishes one message of that topic; when it comes back, every subscription made before it is active. A publisher of
/// another library takes it for a topic that nobody publishes.
///
/// A message can not be sent to one subscriber alone, so whoever has subscribed to everything gets the answer as well.
/// Subscribers of this library drop it. For all others it is what they expect of this publisher, in its wire form: a
/// topic and a payload, which is empty.
enum SubscriptionProbe {
    /// Begins with a zero byte, which no topic that is written as text does.
    private static let prefix: [UInt8] = [0] + Array("experimance-zmq-probe:".utf8)
    /// A number in hexadecimal digits follows, and nothing else: what comes back to everybody who has subscribed to
    /// everything must not carry what somebody would like to tell them.
    private static let digits = 1...16

    static func prepare() { _ = prefix }

    static func isProbe(_ topic: some Collection<UInt8>) -> Bool {
        guard topic.first == 0, digits.contains(topic.count - prefix.count), topic.starts(with: prefix) else {
            return false
        }
        return topic.dropFirst(prefix.count).allSatisfy { digit in
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit || UInt8(ascii: "a")...UInt8(ascii: "f") ~= digit
        }
    }

    /// Whether who subscribes to this topic gets the answers to others' probes.
    static func mayBelong(to topic: [UInt8]) -> Bool { prefix.starts(with: topic.prefix(prefix.count)) }

    /// The probe that a message answers; nil if it is no answer.
    static func answered(by message: ReceivedMessage) -> [UInt8]? {
        switch message.partCount {
        case 1:
            message.withPart(0) { unsafe topic(of: $0.last == UInt8(ascii: " ") ? $0.dropLast() : $0[...]) }
                ?? nil
        case 2 where message.withPart(1) { unsafe $0.isEmpty } == true:
            message.withPart(0) { unsafe topic(of: $0[...]) } ?? nil
        default: nil
        }
    }

    private static func topic(of bytes: Slice<UnsafeRawBufferPointer>) -> [UInt8]? {
        unsafe isProbe(bytes) ? Array(bytes) : nil
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
