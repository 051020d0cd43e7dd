// SPDX-License-Identifier: Apache-2.0

import LibC

// Which notices of subscriptions an XPUB has, by its options, and whether it can count.
extension SocketCore {
    /// An option of an XPUB changes which notices there are.
    func setNotices(_ option: OptionRule.NoticeOption, to value: Int64) {
        guard let publisher = role.publisher else { return }
        switch option {
        case .verbose: publisher.rule = NoticeRule(tellsEachSubscription: value != 0)
        case .verboser: publisher.rule = NoticeRule(tellsEachSubscription: value != 0, tellsEachEnd: value != 0)
        case .firstPartsOnly: publisher.readsFirstPartsOnly = value != 0
        case .ownDecision: if value != 0 { stopCounting(publisher) }
        }
    }

    /// Leaves it to libzmq which notices there are: subscribers can not be counted any more.
    func stopCounting(_ publisher: PublisherRole) {
        guard let socket = unsafe socket, let rule = publisher.rule else { return }
        // What has come was meant to be counted: there is more of it than the application is to have.
        while publisher.isLosing { report(publisher.takeLosses(), of: publisher) }
        holdPostponed(of: publisher)
        holdArrivedMessages { true }
        publisher.stopCounting()
        slot.pointee.firstBytesLookedAt = 0
        _ = unsafe ZMQ.setNotices(
            of: socket,
            eachSubscription: rule.tellsEachSubscription,
            eachEnd: rule.tellsEachEnd
        )
        waiters.wakeAll(.state)
    }
}
