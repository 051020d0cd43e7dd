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

@implementation @_cdecl("exz_socket_send_fd")
public func exz_socket_send_fd(_ fd: UnsafeMutablePointer<Int32>!, _ s: exz_socket) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let fd = unsafe fd else { throw .invalid("fd is NULL") }
        unsafe fd.pointee = try s.handle.descriptorForSending()
    }
}

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
            unsafe all[index].revents = UInt16(watched[index].ready.rawValue)
        }
        guard code == .ok else { throw ZMQSocketError(code) }
    }
}

extension PollItem {
    fileprivate init(_ item: exz_poll_item) throws(ZMQSocketError) {
        let isSocket = item.socket.id != 0
        // Standard input has to be asked for something.
        guard isSocket || item.fd != 0 || item.events != 0 else {
            self.init(.nothing, interest: Interest(rawValue: 0))
            return
        }
        let known = UInt16(EXZ_POLL_IN | EXZ_POLL_OUT | (isSocket ? EXZ_POLL_EVENT : 0))
        guard item.events & ~known == 0 else { throw .invalid("events is \(item.events)") }
        guard isSocket || item.fd >= 0 else { throw .invalid("fd is \(item.fd)") }
        // The header's numbers are the engine's. As a set it would be put together by generic code, which no module but
        // the set's own has specialized: that took twice as long as the look at the socket.
        let interest = Interest(rawValue: UInt8(truncatingIfNeeded: item.events))
        self.init(isSocket ? .socket(item.socket.handle) : .descriptor(item.fd), interest: interest)
    }
}
