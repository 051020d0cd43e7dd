// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import LibC
import Synchronization

/// The base of the class that pyzmq derives its own socket from: what it does with most messages, without a frame of
/// Python's. All else is left to methods of the package's class, `_send_slowly` and so on.
///
/// An object is Python's header and a reference to what all faces of the socket have in common.
enum PythonFace {
    @safe
    private struct Content {
        /// A reference of its own to a ``PythonExchange``; 0 until the face has one.
        var exchange: UInt
        /// Its fields.
        var fields: UInt
    }

    private static let type = Atomic<UInt>(0)
    private static let headerSize = Atomic<Int>(0)

    private static func content(of object: PythonObject) -> UnsafeMutablePointer<Content> {
        unsafe (UnsafeMutableRawPointer(object) + headerSize.load(ordering: .relaxed)).assumingMemoryBound(
            to: Content.self
        )
    }

    /// What a face shows; nil until it has been told. Python has seen to it that it is a face, whose method is called.
    @inline(__always)
    static func fields(of face: PythonObject?) -> UnsafeMutablePointer<PythonExchange>? {
        guard let face = unsafe face else { return nil }
        return unsafe UnsafeMutablePointer<PythonExchange>(bitPattern: content(of: face).pointee.fields)
    }

    /// The object that has these fields.
    static func exchange(of face: PythonObject?) -> PythonObject? {
        guard let face = unsafe face else { return nil }
        return unsafe PythonObject(bitPattern: content(of: face).pointee.exchange)
    }

    // MARK: The type

    /// CPython's `PyMethodDef`.
    @safe
    private struct Method {
        let name: UnsafePointer<CChar>?
        let function: UnsafeMutableRawPointer?
        let flags: Int32
        let doc: UnsafePointer<CChar>?
    }

    /// `METH_FASTCALL | METH_KEYWORDS`
    private static let takesNamed: Int32 = 0x82
    /// `METH_O`
    private static let takesOne: Int32 = 0x8

    /// Makes the type, if it is not there yet.
    ///
    /// - Parameter headerSize: of an object without anything, `object.__basicsize__`.
    static func makeType(headerSize size: Int, _ types: PythonTypes) -> PythonObject? {
        if let type = unsafe PythonObject(bitPattern: type.load(ordering: .relaxed)) { return unsafe type }
        headerSize.store(size, ordering: .relaxed)
        PythonTools.make()
        func named(_ name: StaticString, _ function: PythonFunction.NamedArguments, _ doc: StaticString) -> Method {
            let address = unsafe unsafeBitCast(function, to: UnsafeMutableRawPointer.self)
            return unsafe Method(name: name.cString, function: address, flags: takesNamed, doc: doc.cString)
        }
        let all = unsafe [
            named("send", send, "send(data, flags=0, copy=True, track=False)\n--\n\nSends a frame."),
            named("recv", recv, "recv(flags=0, copy=True, track=False)\n--\n\nReceives a frame."),
            named("get", get, "get(option)\n--\n\nReads an option."),
            Method(
                name: ("_attach" as StaticString).cString,
                function: unsafeBitCast(attach, to: UnsafeMutableRawPointer.self),
                flags: takesOne,
                doc: nil
            ),
            Method(name: nil, function: nil, flags: 0, doc: nil),
        ]
        let methods = UnsafeMutableBufferPointer<Method>.allocate(capacity: all.count)
        _ = unsafe methods.initialize(from: all)
        let made = unsafe types.make(
            "experimance_zmq.pyzmq.SocketMemory",
            size: size + MemoryLayout<Content>.stride,
            [.methods(UnsafeMutableRawPointer(methods.baseAddress)), .dealloc(end)]
        )
        type.store(UInt(bitPattern: made), ordering: .relaxed)
        return unsafe made
    }

    private static let end: @convention(c) (PythonObject?) -> Void = { object in
        guard let object = unsafe object, let types = PythonTypes.ofProcess else { return }
        let exchange = unsafe content(of: object).pointee.exchange
        unsafe content(of: object).pointee = Content(exchange: 0, fields: 0)
        unsafe types.release(PythonObject(bitPattern: exchange))
        unsafe types.free(object)
    }

    /// _attach(exchange): the face shows this from now on.
    private static let attach: PythonFunction.OneArgument = { face, exchange in
        guard let types = PythonTypes.ofProcess, let objects = PythonObjects.ofProcess, let face = unsafe face
        else { return nil }
        guard let fields = unsafe PythonExchange.fields(of: exchange, types) else {
            objects.refuse("that is no exchange")
            return nil
        }
        unsafe types.keep(exchange)
        let before = unsafe content(of: face).pointee.exchange
        unsafe content(of: face).pointee = Content(
            exchange: UInt(bitPattern: exchange),
            fields: UInt(bitPattern: fields)
        )
        unsafe types.release(PythonObject(bitPattern: before))
        return unsafe objects.none
    }
}

extension PythonCalls {
    /// face_type(header_size: int) -> the base of the class that pyzmq derives its socket from.
    static let faceType: PythonFunction.OneArgument = { _, size in
        guard let python = PythonInterface.ofProcess, let types = PythonTypes.ofProcess else { return nil }
        let type = unsafe PythonFace.makeType(headerSize: python.count(size) ?? 0, types)
        unsafe types.keep(type)
        return unsafe type
    }
}
