// SPDX-License-Identifier: Apache-2.0

/// Which notices of subscriptions an XPUB's application gets, by the options that libzmq has for that.
///
/// To count subscribers this library has libzmq tell it of each. So it does here what libzmq would do: by its default
/// the first subscription to a topic is told, and the end of the last.
struct NoticeRule: Equatable {
    /// `ZMQ_XPUB_VERBOSE`.
    var tellsEachSubscription = false
    /// `ZMQ_XPUB_VERBOSER`, together with the other.
    var tellsEachEnd = false

    /// - Parameters:
    ///   - before: connections that had subscribed to the topic when the notice came.
    ///   - after: those that have now.
    func tells(ofSubscription isSubscription: Bool, before: Int, after: Int) -> Bool {
        guard !isSubscription else { return tellsEachSubscription || before == 0 }
        // The end of what the peer never had is told in any case.
        return tellsEachEnd || after == 0 || after == before
    }
}
