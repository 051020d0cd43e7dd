// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ

extension UnsafeMutablePointer<PythonExchange> {
    /// Milliseconds. A wait without an end is made of such.
    private static let longestWait: Int64 = 60_000

    /// Receives a frame as bytes, and waits for it.
    ///
    /// - Parameters:
    ///   - flags: pyzmq's.
    ///   - object: the one that has these fields.
    @inline(__always)
    func receive(_ flags: Int, keeping object: PythonObject?, _ tools: PythonTools) -> PythonDone {
        guard unsafe pointee.receivesAtOnce.isSet else { return .nothing }
        if let count = unsafe tools.making.count(of: pointee.incoming), count > 0 {
            return unsafe takeFrame(of: count, tools)
        }
        guard let count = unsafe tools.making.count(of: pointee.ahead) else { return .nothing }
        // What has not been asked for has no answer.
        guard unsafe count > 0 || !pointee.asks.isSet || pointee.isAsking.isSet else { return .nothing }
        if count == 0 {
            switch unsafe fill(tools) {
            case nil: return unsafe .all(nil)
            case .ok: break
            case .timeout, .tooLarge:
                guard flags & PythonFace.doesNotWait == 0, unsafe pointee.receiveTimeout != 0,
                    unsafe pointee.receiveTimeout <= Self.longestWait
                else { return .nothing }
                return unsafe awaitMessage(keeping: object, tools)
            default: return .nothing
            }
        }
        return unsafe takeMessage(tools)
    }

    /// Has messages that are here in the queue. Nil with an exception.
    private func fill(_ tools: PythonTools) -> ZMQSocketError.Code? {
        let arrivals = unsafe PythonArrivals(
            form: .parts,
            wantsLists: true,
            coming: pointee.coming,
            lists: pointee.ahead,
            others: pointee.ahead
        )
        // What somebody waits for is not taken away.
        let most = unsafe pointee.waitingThreads > 0 ? 1 : max(1, Int(clamping: pointee.mostAhead))
        let handle = unsafe SocketHandle(rawValue: pointee.number)
        return arrivals.take(from: handle, most: most, tools.python, tools.making)
            .map { ZMQSocketError.Code(rawValue: Int32(truncatingIfNeeded: $0)) }
    }

    /// Hands the next message out, or its first frame.
    private func takeMessage(_ tools: PythonTools) -> PythonDone {
        guard let message = unsafe tools.objects.call(pointee.nextAhead) else { return unsafe failed(tools) }
        unsafe pointee.isAsking = PythonExchange.Flag(false)
        guard unsafe !tools.objects.isBytes(message) else {
            unsafe pointee.more = PythonExchange.Flag(false)
            return unsafe .all(message)
        }
        defer { unsafe tools.objects.release(message) }
        guard unsafe tools.objects.isList(message), unsafe tools.making.extend(pointee.incoming, with: message) else {
            // For whoever knows what it is, or has memory.
            tools.making.forgetError()
            unsafe tools.making.empty(pointee.incoming)
            return unsafe putBack(message, into: pointee.ahead, tools)
        }
        let count = unsafe tools.making.count(of: pointee.incoming) ?? 0
        return unsafe count > 0 ? takeFrame(of: count, tools) : .nothing
    }

    /// Hands the next frame of the message out that was begun.
    ///
    /// - Parameter count: how many there are.
    private func takeFrame(of count: Int, _ tools: PythonTools) -> PythonDone {
        guard let frame = unsafe tools.objects.call(pointee.nextIncoming) else { return unsafe failed(tools) }
        guard unsafe tools.objects.isBytes(frame) else {
            defer { unsafe tools.objects.release(frame) }
            return unsafe putBack(frame, into: pointee.incoming, tools)
        }
        unsafe pointee.more = PythonExchange.Flag(count > 1)
        return unsafe .all(frame)
    }

    /// Waits for a message, without the interpreter's lock.
    private func awaitMessage(keeping object: PythonObject?, _ tools: PythonTools) -> PythonDone {
        unsafe tools.objects.keep(object)
        defer { unsafe tools.objects.release(object) }
        let handle = unsafe SocketHandle(rawValue: pointee.number)
        let isEndless = unsafe pointee.receiveTimeout < 0
        let timeout = unsafe Int32(clamping: isEndless ? Self.longestWait : pointee.receiveTimeout)
        unsafe pointee.waitingThreads += 1
        let outcome = tools.python.withoutLock { () -> Result<ReceivedMessage, ZMQSocketError> in
            do throws(ZMQSocketError) {
                return .success(try handle.receiveMessage(timeout: timeout).uncut)
            } catch {
                return .failure(error)
            }
        }
        unsafe pointee.waitingThreads -= 1
        guard case .success(let message) = outcome else {
            guard !isEndless, case .failure(let error) = outcome, error.code == .timeout else { return .nothing }
            return .waited
        }
        guard let made = unsafe PythonArrivals.object(of: message, tools.python, tools.making) else {
            _ = tools.python.withoutLock { handle.giveBack(message, .noMemory) }
            return unsafe .all(nil)
        }
        let isPlain = unsafe tools.objects.isBytes(made)
        if isPlain, !PythonSignals.isHoldingBack(tools.making) {
            unsafe pointee.isAsking = PythonExchange.Flag(false)
            unsafe pointee.more = PythonExchange.Flag(false)
            return unsafe .all(made)
        }
        defer { unsafe tools.objects.release(made) }
        let before = unsafe putBack(made, into: pointee.ahead, tools)
        return unsafe isPlain || PythonSignals.isHoldingBack(tools.making) ? before : takeMessage(tools)
    }

    /// Makes a message or a frame the next one, for the usual way to take.
    private func putBack(
        _ object: PythonObject?,
        into queue: PythonObject?,
        _ tools: PythonTools
    ) -> PythonDone {
        let arguments = unsafe tools.making.tuple(of: object)
        guard let nothing = unsafe tools.objects.call(tools.appendLeft, of: queue, arguments) else {
            return unsafe .all(nil)
        }
        unsafe tools.objects.release(nothing)
        return .nothing
    }

    private func failed(_ tools: PythonTools) -> PythonDone {
        tools.making.forgetError()
        return .nothing
    }
}
