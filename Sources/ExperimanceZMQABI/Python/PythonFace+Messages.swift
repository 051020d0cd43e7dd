// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ

/// What a method of ``PythonFace`` has done.
@safe
enum PythonDone {
    /// All of it, with what it answers, the caller's; nil with an exception.
    case all(PythonObject?)
    /// Nothing: the usual way is gone.
    case nothing
    /// It has waited, and nothing came. The usual way need not wait once more.
    case waited
}

extension PythonFace {
    /// zmq.NOBLOCK and zmq.SNDMORE.
    static let doesNotWait = 1
    static let hasMore = 2
    /// zmq.RCVMORE.
    private static let moreToReceive = 13

    /// send(data, flags=0, copy=True, track=False): as pyzmq's.
    static let send: PythonFunction.NamedArguments = { face, given, count, names in
        unsafe PythonTools.use { unsafe send(face, given, count, names, $0) }
    }

    /// recv(flags=0, copy=True, track=False): as pyzmq's.
    static let recv: PythonFunction.NamedArguments = { face, given, count, names in
        unsafe PythonTools.use { unsafe recv(face, given, count, names, $0) }
    }

    /// get(option): as pyzmq's.
    static let get: PythonFunction.NamedArguments = { face, given, count, names in
        unsafe PythonTools.use { unsafe get(face, given, count, names, $0) }
    }

    @inline(__always)
    private static func send(
        _ face: PythonObject?,
        _ given: UnsafePointer<PythonObject?>?,
        _ count: Int,
        _ names: PythonObject?,
        _ tools: PythonTools
    ) -> PythonObject? {
        PythonLoans.takeBack()
        guard let places = unsafe tools.sendTakes.places(given, count, names, tools.python), unsafe places[0] != nil
        else {
            tools.objects.refuse("send() takes data, flags, copy and track")
            return nil
        }
        guard let copies = unsafe tools.objects.truth(of: places[2], usually: true) else { return nil }
        if copies, let fields = unsafe fields(of: face), let flags = unsafe flags(places[1], tools),
            case .all(let answer) = unsafe fields.send(places[0], flags, tools)
        {
            return unsafe answer
        }
        return unsafe usual(tools.sendSlowly, face, data: places[0], places[1], copies, places[3], tools)
    }

    @inline(__always)
    private static func recv(
        _ face: PythonObject?,
        _ given: UnsafePointer<PythonObject?>?,
        _ count: Int,
        _ names: PythonObject?,
        _ tools: PythonTools
    ) -> PythonObject? {
        guard let places = unsafe tools.recvTakes.places(given, count, names, tools.python) else {
            tools.objects.refuse("recv() takes flags, copy and track")
            return nil
        }
        guard let copies = unsafe tools.objects.truth(of: places[1], usually: true) else { return nil }
        var given = unsafe places[0]
        defer { unsafe tools.objects.release(given == places[0] ? nil : given) }
        if copies, let fields = unsafe fields(of: face), let flags = unsafe flags(given, tools) {
            switch unsafe fields.receive(flags, keeping: exchange(of: face), tools) {
            case .all(let answer): return unsafe answer
            case .nothing: break
            case .waited: unsafe given = tools.python.int(flags | doesNotWait)
            }
        }
        return unsafe usual(tools.recvSlowly, face, data: nil, given, copies, places[2], tools)
    }

    @inline(__always)
    private static func get(
        _ face: PythonObject?,
        _ given: UnsafePointer<PythonObject?>?,
        _ count: Int,
        _ names: PythonObject?,
        _ tools: PythonTools
    ) -> PythonObject? {
        guard let places = unsafe tools.getTakes.places(given, count, names, tools.python), unsafe places[0] != nil
        else {
            tools.objects.refuse("get() takes an option")
            return nil
        }
        // Where more has to be thought of, the socket may be closed.
        if let fields = unsafe fields(of: face), unsafe fields.pointee.receivesAtOnce.isSet,
            unsafe tools.python.count(places[0]) == moreToReceive
        {
            return unsafe tools.python.int(fields.pointee.more.isSet ? 1 : 0)
        }
        return unsafe tools.objects.call(tools.getSlowly, of: face, tools.python.tuple([tools.objects.kept(places[0])]))
    }

    /// What a call may do; nil for what is no number.
    @inline(__always)
    private static func flags(_ given: PythonObject?, _ tools: PythonTools) -> Int? {
        unsafe given == nil ? 0 : tools.python.count(given)
    }

    /// Calls the method for what is not usual, with what was left out in its place.
    @inline(never)
    private static func usual(
        _ method: PythonName,
        _ face: PythonObject?,
        data: PythonObject?,
        _ flags: PythonObject?,
        _ copies: Bool,
        _ track: PythonObject?,
        _ tools: PythonTools
    ) -> PythonObject? {
        let objects = tools.objects
        var arguments = unsafe data == nil ? [] : [objects.kept(data)]
        unsafe arguments.append(flags == nil ? tools.python.int(0) : objects.kept(flags))
        unsafe arguments.append(objects.bool(copies))
        unsafe arguments.append(track == nil ? objects.bool(false) : objects.kept(track))
        return unsafe objects.call(method, of: face, tools.python.tuple(arguments))
    }
}
