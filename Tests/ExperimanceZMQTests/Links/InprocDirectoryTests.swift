// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Names within the process", .watchdog)
struct InprocDirectoryTests {
    @Test("A name that is taken again is another bind")
    func again() {
        var directory = InprocDirectory()
        let first = directory.bind("name", 1)
        #expect(directory.server(of: "name") == first)
        let ended = directory.unbind("name")
        #expect(ended == first)
        #expect(directory.server(of: "name") == nil)
        #expect(directory.bind("name", 1) != first)
    }

    @Test("Who connects is known whether or not the name is bound, and forgotten once gone")
    func clients() {
        var directory = InprocDirectory()
        directory.connect("name", 1)
        directory.connect("name", 2)
        #expect(directory.clients(of: "name") == [1, 2])
        directory.disconnect("name", 1)
        directory.disconnect("other", 1)
        #expect(directory.clients(of: "name") == [2])
        directory.disconnect("name", 2)
        #expect(directory.clients(of: "name").isEmpty)
    }
}
