// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ

@implementation @_cdecl("exz_socket_fd")
public func exz_socket_fd(_ fd: UnsafeMutablePointer<Int32>!, _ s: exz_socket) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let fd = unsafe fd else { throw .invalid("fd is NULL") }
        unsafe fd.pointee = try s.handle.descriptor()
    }
}

private let pollBits: [(bit: UInt16, interest: Interest)] = [
    (UInt16(EXZ_POLL_IN), .readable), (UInt16(EXZ_POLL_OUT), .writable), (UInt16(EXZ_POLL_EVENT), .events),
]

/// More items than a process usually has descriptors.
private let pollLimit = 65_536

@implementation @_cdecl("exz_poll")
public func exz_poll(_ items: UnsafeMutablePointer<exz_poll_item>!, _ count: Int, _ timeout_ms: Int32) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard 0...pollLimit ~= count, unsafe items != nil || count == 0 else { throw .invalid("there are no items") }
        let all = unsafe UnsafeMutableBufferPointer(start: items, count: count)
        var watched: [PollItem] = []
        watched.reserveCapacity(count)
        for place in 0..<count { try unsafe watched.append(PollItem(all[place])) }
        let code = Polling.wait(for: &watched, timeout: timeout_ms)
        // What is wrong with an item says nothing about the others.
        guard ![.invalid, .handle, .forked].contains(code) else { throw ZMQSocketError(code) }
        for index in watched.indices {
            unsafe all[index].revents = pollBits.reduce(0) {
                watched[index].ready.contains($1.interest) ? $0 | $1.bit : $0
            }
        }
        guard code == .ok else { throw ZMQSocketError(code) }
    }
}

extension PollItem {
    fileprivate init(_ item: exz_poll_item) throws(ZMQSocketError) {
        let isSocket = item.socket.id != 0
        // Standard input has to be asked for something.
        guard isSocket || item.fd != 0 || item.events != 0 else {
            self.init(.nothing, interest: [])
            return
        }
        var interest: Interest = []
        var known: UInt16 = 0
        for (bit, meaning) in pollBits where isSocket || meaning != .events {
            known |= bit
            if item.events & bit != 0 { interest.insert(meaning) }
        }
        guard item.events & ~known == 0 else { throw .invalid("events is \(item.events)") }
        guard isSocket || item.fd >= 0 else { throw .invalid("fd is \(item.fd)") }
        self.init(isSocket ? .socket(item.socket.handle) : .descriptor(item.fd), interest: interest)
    }
}
