// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ

extension UnsafeMutablePointer<PythonExchange> {
    /// Longer messages are not copied with the interpreter's lock held.
    private static var largestCopy: Int { PythonLoans.largeSize }
    /// The same of messages with many parts.
    private static var mostParts: Int { 64 }

    /// Sends a frame, or keeps it for the message's end. Does not wait.
    ///
    /// - Parameters:
    ///   - data: `bytes`, or the usual way is gone.
    ///   - flags: pyzmq's.
    func send(_ data: PythonObject?, _ flags: Int, _ tools: PythonTools) -> PythonDone {
        guard unsafe pointee.sendsAtOnce.isSet, unsafe tools.objects.isBytes(data),
            let waiting = unsafe tools.making.count(ofList: pointee.outgoing), unsafe waiting > 0 || isItsTurn(tools)
        else { return .nothing }
        if flags & PythonFace.hasMore != 0 {
            // Where a send waits for ever, room for the whole message is as good as room for its first frame.
            let isPatient = unsafe pointee.sendTimeout < 0 && flags & PythonFace.doesNotWait == 0
            guard waiting > 0 || isPatient else { return .nothing }
            return unsafe .all(tools.making.keep(data, in: pointee.outgoing) ? tools.objects.none : nil)
        }
        guard let bytes = unsafe tools.python.bytes(of: data) else { return .nothing }
        let handle = unsafe SocketHandle(rawValue: pointee.number)
        if waiting == 0 {
            let code: ZMQSocketError.Code
            if unsafe bytes.count < Self.largestCopy {
                code = unsafe handle.send(bytes.baseAddress, bytes.count, timeout: 0, isTry: true)
            } else {
                guard let tried = unsafe PythonLoans.trySend(data, to: handle, tools.python) else {
                    return unsafe .all(nil)
                }
                code = tried
            }
            guard code == .ok else { return .nothing }
        } else {
            guard unsafe sendAll(and: bytes, waiting, to: handle, tools) else { return .nothing }
            unsafe tools.making.clear(pointee.outgoing)
        }
        if unsafe pointee.asks.isSet { unsafe pointee.isAsking = PythonExchange.Flag(true) }
        return unsafe .all(tools.objects.none)
    }

    /// Whether a message may begin: an answer when the request has been received whole, a request when the answer has.
    private func isItsTurn(_ tools: PythonTools) -> Bool {
        guard unsafe pointee.takesTurns.isSet else { return true }
        guard unsafe !pointee.more.isSet, unsafe !pointee.isAsking.isSet else { return false }
        return unsafe tools.making.count(of: pointee.incoming) == 0 && tools.making.count(of: pointee.ahead) == 0
    }

    /// Sends the frames that wait, and the last one. False if nothing was sent.
    private func sendAll(
        and last: UnsafeRawBufferPointer,
        _ count: Int,
        to handle: SocketHandle,
        _ tools: PythonTools
    ) -> Bool {
        guard unsafe count < Self.mostParts,
            let first = unsafe tools.python.bytes(of: tools.making.item(0, ofList: pointee.outgoing)),
            unsafe last.count < Self.largestCopy, unsafe first.count < Self.largestCopy
        else { return false }
        guard count > 1 else { return unsafe handle.send(first, last, timeout: 0, isTry: true) == .ok }
        var parts = unsafe [first]
        for index in 1..<count {
            guard let part = unsafe tools.python.bytes(of: tools.making.item(index, ofList: pointee.outgoing)),
                unsafe part.count < Self.largestCopy
            else { return false }
            unsafe parts.append(part)
        }
        unsafe parts.append(last)
        return unsafe handle.send(parts: parts, timeout: 0, isTry: true) == .ok
    }
}
