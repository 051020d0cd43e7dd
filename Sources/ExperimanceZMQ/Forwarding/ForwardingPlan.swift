// SPDX-License-Identifier: Apache-2.0

/// Which sockets a proxy can forward between.
enum ForwardingPlan {
    private static let pairs: [Set<ZMQSocketType>] = [[.xsub, .xpub], [.router, .dealer], [.pull, .push]]
    private static let captures: Set<ZMQSocketType> = [.push, .pub, .pair, .dealer]

    /// - Throws: `notSupported` naming the types.
    static func check(front: ZMQSocketType, back: ZMQSocketType) throws(ZMQSocketError) {
        guard pairs.contains([front, back]) else {
            throw ZMQSocketError(
                .notSupported,
                message: "\(front.name) and \(back.name) can not be forwarded to each other: XSUB and XPUB can, ROUTER "
                    + "and DEALER, PULL and PUSH"
            )
        }
    }

    /// - Throws: `notSupported` naming the type.
    static func check(capture: ZMQSocketType) throws(ZMQSocketError) {
        guard captures.contains(capture) else {
            throw ZMQSocketError(
                .notSupported,
                message: "\(capture.name) can not capture: PUSH, PUB, PAIR and DEALER can"
            )
        }
    }
}
