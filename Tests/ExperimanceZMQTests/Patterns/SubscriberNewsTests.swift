// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("News of subscribers", .watchdog)
struct SubscriberNewsTests {
    private func item(_ count: Int, of source: UInt64?, _ address: String? = nil) -> SubscriberNews.Item {
        let peer = address.map { KnownPeer(address: $0) }
        return SubscriberNews.Item(kind: .joined, topic: [65], count: count, peer: peer, source: source)
    }

    private func told(
        _ news: inout SubscriberNews,
        _ find: (Int32, UInt64) -> KnownPeer? = { KnownPeer(address: "\($0) \($1)") }
    ) -> [String] {
        news.take(find).items.map { "\($0.count) \($0.peer?.address ?? "?")" }
    }

    @Test("What is of somebody known, or of nobody, is told at once")
    func atOnce() {
        var news = SubscriberNews()
        let isHeld = [news.hold(item(1, of: 1, "known")), news.hold(item(2, of: 2)), news.hold(item(3, of: nil))]
        #expect(isHeld == [false, false, false])
    }

    @Test("What is of a stranger waits until it is known who that is, and so does what comes after it")
    func waiting() {
        var news = SubscriberNews()
        news.meet(1, descriptor: 7, cookie: 70)
        var isHeld = [news.hold(item(1, of: 1))]
        let isFirst = news.isFirst
        isHeld.append(news.hold(item(2, of: 2, "known")))
        #expect(isHeld == [true, true])
        #expect(isFirst && !news.isFirst)
        #expect(told(&news) == ["1 7 70", "2 known"])
        let isHeldAgain = news.hold(item(3, of: 1))
        #expect(!isHeldAgain, "it is no stranger any more")
    }

    @Test("Nobody is named whose descriptor may have been another one's")
    func forgotten() {
        var news = SubscriberNews()
        news.meet(1, descriptor: 7, cookie: 70)
        news.meet(2, descriptor: 8, cookie: 80)
        for source in [UInt64(1), 2] { _ = news.hold(item(1, of: source)) }
        news.forget(7)
        #expect(told(&news) == ["1 ?", "1 8 80"])
    }

    @Test("Who is still unknown then is told without a name, once")
    func unknown() {
        var news = SubscriberNews()
        news.meet(1, descriptor: 7, cookie: 70)
        _ = news.hold(item(1, of: 1))
        #expect(told(&news) { _, _ in nil } == ["1 ?"])
        #expect(told(&news).isEmpty)
        let isHeld = news.hold(item(2, of: 1))
        #expect(!isHeld)
    }
}
