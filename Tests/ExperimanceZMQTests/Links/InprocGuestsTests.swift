// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Guests within the process", .watchdog)
struct InprocGuestsTests {
    private func come(_ guests: inout InprocGuests, _ socket: UInt64, _ identity: [UInt8] = [1]) -> UInt64? {
        guests.come(InprocGuest(socket: socket, identity: identity))
    }

    @Test("Whoever brings an identity has it, and who is passed over waits for the last of them")
    func identities() {
        var guests = InprocGuests()
        let (first, other, nameless) = (come(&guests, 1), come(&guests, 2, [2]), come(&guests, 3, []))
        #expect([first, other, nameless] == [nil, nil, nil])
        let (second, third) = (come(&guests, 4), come(&guests, 5))
        #expect([second, third] == [1, 4])
        let afterOlder = guests.leave(4)
        let afterNewest = guests.leave(5)
        let afterOther = guests.leave(2)
        #expect(afterOlder.isEmpty)
        #expect(afterNewest == [1, 4])
        #expect(afterOther.isEmpty)
        let again = come(&guests, 1)
        #expect(again == nil, "nobody has it any more")
        guests.handsOver = false
        let ignored = come(&guests, 6)
        #expect(ignored == nil)
    }

    @Test("Who was refused has never been there")
    func refused() {
        var guests = InprocGuests()
        guests.refuse(InprocGuest(socket: 1, identity: []))
        let (first, second, other) = (guests.wasRefused(1), guests.wasRefused(1), guests.wasRefused(2))
        #expect([first, second, other] == [true, false, false])
    }
}
