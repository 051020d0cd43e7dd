// SPDX-License-Identifier: Apache-2.0

import CLinux
import CZeroMQ
import LibC

/// What libzmq would have set on a descriptor that it makes to listen: some a user may have changed by its number.
package struct ListeningSettings {
    let backlog: Int32
    private let typeOfService: Int32
    private let sendBuffer: Int32
    private let receiveBuffer: Int32
    private let device: String
    /// The mode of the file of a local socket; nil leaves it to the umask.
    let mode: Int?

    /// What the system has, where there is no socket of libzmq's.
    package init(mode: Int? = nil) {
        (backlog, typeOfService, sendBuffer, receiveBuffer, device) = (SOMAXCONN, 0, -1, -1, "")
        self.mode = mode
    }

    init(of socket: RawSocket, mode: Int?) {
        self.mode = mode
        func get(_ option: Int32, _ usual: Int32) -> Int32 { unsafe ZMQ.getInt32(socket, option: option) ?? usual }
        backlog = get(ZMQ_BACKLOG, SOMAXCONN)
        typeOfService = get(ZMQ_TOS, 0)
        sendBuffer = get(ZMQ_SNDBUF, -1)
        receiveBuffer = get(ZMQ_RCVBUF, -1)
        device = unsafe ZMQ.getString(socket, option: ZMQ_BINDTODEVICE) ?? ""
    }

    /// Sets what has to be there before a TCP socket listens.
    func apply(to descriptor: Int32, family: Int32) throws(ListeningDescriptor.Failure) {
        func set(_ level: Int32, _ option: Int32, _ value: Int32) throws(ListeningDescriptor.Failure) {
            try ListeningDescriptor.set(descriptor, level, option, value)
        }
        if typeOfService != 0 {
            try set(Int32(IPPROTO_IP), IP_TOS, typeOfService)
            if family == AF_INET6 { try set(Int32(IPPROTO_IPV6), IPV6_TCLASS, typeOfService) }
        }
        if sendBuffer >= 0 { try set(SOL_SOCKET, SO_SNDBUF, sendBuffer) }
        if receiveBuffer >= 0 { try set(SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
        guard !device.isEmpty else { return }
        let status = unsafe device.withCString {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, $0, socklen_t(device.utf8.count))
        }
        guard status == 0 else { throw ListeningDescriptor.Failure(number: errno) }
    }
}
