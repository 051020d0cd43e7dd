// SPDX-License-Identifier: Apache-2.0

import LibC

/// CPython's `Py_buffer`, a part of its stable interface from version 3.11 on.
@safe
struct PythonBuffer {
    var start: UnsafeMutableRawPointer?
    var object: PythonObject?
    var count = 0
    var itemSize = 0
    var isReadOnly: Int32 = 0
    var dimensionCount: Int32 = 0
    var format: UnsafeMutableRawPointer?
    var shape: UnsafeMutableRawPointer?
    var strides: UnsafeMutableRawPointer?
    var subOffsets: UnsafeMutableRawPointer?
    var own: UnsafeMutableRawPointer?
}

/// What CPython has for memory that objects share, looked up as ``PythonInterface`` is.
@safe
struct PythonBuffers {
    typealias Pending = @convention(c) (UnsafeMutableRawPointer?) -> Int32

    private let getBuffer: @convention(c) (PythonObject?, UnsafeMutableRawPointer?, Int32) -> Int32
    private let releaseBuffer: @convention(c) (UnsafeMutableRawPointer?) -> Void
    private let fillBuffer:
        @convention(c) (UnsafeMutableRawPointer?, PythonObject?, UnsafeMutableRawPointer?, Int, Int32, Int32) -> Int32
    private let addPending: @convention(c) (Pending?, UnsafeMutableRawPointer?) -> Int32
    private let setError: @convention(c) (PythonObject?, UnsafePointer<CChar>?) -> Void
    /// Where Python has the class `BufferError`.
    private let bufferError: UInt

    /// Of this process; nil where there is no CPython 3.11 or later.
    static let ofProcess = PythonBuffers()

    private init?() {
        @unsafe
        func find<Function>(_ name: String, _: Function.Type) -> Function? {
            unsafe dlsym(nil, name).map { unsafe unsafeBitCast($0, to: Function.self) }
        }
        guard PythonInterface.ofProcess != nil,
            let getBuffer = unsafe find("PyObject_GetBuffer", type(of: self.getBuffer)),
            let releaseBuffer = unsafe find("PyBuffer_Release", type(of: self.releaseBuffer)),
            let fillBuffer = unsafe find("PyBuffer_FillInfo", type(of: self.fillBuffer)),
            let addPending = unsafe find("Py_AddPendingCall", type(of: self.addPending)),
            let setError = unsafe find("PyErr_SetString", type(of: self.setError)),
            let bufferError = unsafe dlsym(nil, "PyExc_BufferError")
        else { return nil }
        unsafe self.getBuffer = getBuffer
        unsafe self.releaseBuffer = releaseBuffer
        unsafe self.fillBuffer = fillBuffer
        unsafe self.addPending = addPending
        unsafe self.setError = setError
        self.bufferError = UInt(bitPattern: bufferError)
    }

    /// Has an object's memory stay where it is. False with an exception where it has none in one piece.
    func take(_ object: PythonObject?, into buffer: UnsafeMutablePointer<PythonBuffer>) -> Bool {
        unsafe getBuffer(object, buffer, 0) == 0
    }

    func giveBack(_ buffer: UnsafeMutablePointer<PythonBuffer>) { unsafe releaseBuffer(buffer) }

    /// Shows memory of an object's own: the end of a `bf_getbuffer`.
    func show(
        _ bytes: UnsafeRawBufferPointer,
        of object: PythonObject?,
        in buffer: UnsafeMutableRawPointer?,
        isWritable: Bool,
        flags: Int32
    ) -> Int32 {
        let start = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        return unsafe fillBuffer(buffer, object, start, bytes.count, isWritable ? 0 : 1, flags)
    }

    /// Shows what another object shows: a `bf_getbuffer` that leaves it to that one.
    func pass(on object: PythonObject?, into buffer: UnsafeMutableRawPointer?, flags: Int32) -> Int32 {
        unsafe getBuffer(object, buffer, flags)
    }

    /// Raises a `BufferError`.
    func refuse(_ reason: StaticString) {
        let place = unsafe UnsafePointer<PythonObject?>(bitPattern: bufferError)
        unsafe setError(place?.pointee, reason.cString)
    }

    /// Has the main thread of Python call a function soon; from any thread, with the interpreter's lock or without it.
    /// False if too many such calls wait.
    func callSoon(_ function: Pending) -> Bool { unsafe addPending(function, nil) == 0 }
}
