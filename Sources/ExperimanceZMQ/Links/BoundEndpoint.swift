// SPDX-License-Identifier: Apache-2.0

/// An endpoint the socket is bound to.
struct BoundEndpoint {
    /// As the caller wrote it.
    let text: ExactText
    /// As libzmq knows it, with the port the system chose.
    let actual: ExactText
    let target: Endpoint.Target
    /// The file it has made.
    var file: LocalPath?

    /// As the caller is told it, for others to connect to.
    ///
    /// The wildcard for every address of the machine is one of IPv6 to libzmq where that is there. IPv4 leads to it,
    /// too, and that is what people and programs expect to read.
    var shown: ExactText {
        guard case .tcp("*", _) = target, actual.string.hasPrefix(Self.everyAddress) else { return actual }
        return ExactText("tcp://0.0.0.0:\(actual.string.dropFirst(Self.everyAddress.utf8.count))")
    }

    private static let everyAddress = "tcp://[::]:"

    func answers(to other: ExactText) -> Bool { text == other || actual == other || shown == other }

    /// Whether an accepted connection's local address belongs to this endpoint, which may be a wildcard.
    func accepted(at address: String) -> Bool {
        if ExactText(address) == actual { return true }
        guard let mine = try? Endpoint(actual.string, for: .bind), case .tcp(let host, let port) = mine.target,
            let theirs = try? Endpoint(address, for: .bind), case .tcp(_, port) = theirs.target
        else { return false }
        return host == "0.0.0.0" || host == "::" || host == "*"
    }
}
