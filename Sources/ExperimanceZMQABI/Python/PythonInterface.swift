// SPDX-License-Identifier: Apache-2.0

import LibC

/// An object of Python's.
typealias PythonObject = OpaquePointer

/// The few functions of CPython that ``exz_python_methods()`` needs.
///
/// They are looked up in the running process, so nothing here depends on Python: a C program that loads this library
/// never comes here. All of them belong to CPython's stable interface of version 3.11, which later versions keep
/// (https://docs.python.org/3/c-api/stable.html); no object is looked into. They are called with the interpreter's lock
/// held, as whoever calls a method of ours does.
@safe
struct PythonInterface {
    typealias BytesView =
        @convention(c) (
            PythonObject?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, UnsafeMutablePointer<Int>?
        ) -> Int32

    private let bytesView: BytesView
    private let textView: @convention(c) (PythonObject?, UnsafeMutablePointer<Int>?) -> UnsafePointer<CChar>?
    private let tupleSize: @convention(c) (PythonObject?) -> Int
    private let tupleItem: @convention(c) (PythonObject?, Int) -> PythonObject?
    private let unsigned: @convention(c) (PythonObject?) -> UInt64
    private let signed: @convention(c) (PythonObject?) -> Int
    private let integer: @convention(c) (Int) -> PythonObject?
    private let newBytes: @convention(c) (UnsafePointer<CChar>?, Int) -> PythonObject?
    private let newTuple: @convention(c) (Int) -> PythonObject?
    private let setTupleItem: @convention(c) (PythonObject?, Int, PythonObject?) -> Int32
    private let release: @convention(c) (PythonObject?) -> Void
    private let clearError: @convention(c) () -> Void
    private let keep: @convention(c) (PythonObject?) -> Void
    private let checkSignals: @convention(c) () -> Int32
    private let takeError:
        @convention(c) (
            UnsafeMutablePointer<PythonObject?>?, UnsafeMutablePointer<PythonObject?>?,
            UnsafeMutablePointer<PythonObject?>?
        ) -> Void
    private let completeError:
        @convention(c) (
            UnsafeMutablePointer<PythonObject?>?, UnsafeMutablePointer<PythonObject?>?,
            UnsafeMutablePointer<PythonObject?>?
        ) -> Void
    private let setTraceback: @convention(c) (PythonObject?, PythonObject?) -> Int32
    private let listAppend: @convention(c) (PythonObject?, PythonObject?) -> Int32
    private let listSize: @convention(c) (PythonObject?) -> Int
    private let enter: @convention(c) () -> Int32
    private let leave: @convention(c) (Int32) -> Void
    private let giveLockAway: @convention(c) () -> OpaquePointer?
    private let takeLockBack: @convention(c) (OpaquePointer?) -> Void

    /// Of this process; nil where there is no CPython 3.11 or later.
    static let ofProcess = PythonInterface()

    private init?() {
        @unsafe
        func find<Function>(_ name: String, _: Function.Type) -> Function? {
            unsafe dlsym(nil, name).map { unsafe unsafeBitCast($0, to: Function.self) }
        }
        // A number that came with 3.11: 0x030B….
        guard unsafe dlsym(nil, "Py_Version") != nil,
            let bytesView = unsafe find("PyBytes_AsStringAndSize", BytesView.self),
            let textView = unsafe find("PyUnicode_AsUTF8AndSize", type(of: self.textView)),
            let tupleSize = unsafe find("PyTuple_Size", type(of: self.tupleSize)),
            let tupleItem = unsafe find("PyTuple_GetItem", type(of: self.tupleItem)),
            let unsigned = unsafe find("PyLong_AsUnsignedLongLong", type(of: self.unsigned)),
            let signed = unsafe find("PyLong_AsSsize_t", type(of: self.signed)),
            let integer = unsafe find("PyLong_FromSsize_t", type(of: self.integer)),
            let newBytes = unsafe find("PyBytes_FromStringAndSize", type(of: self.newBytes)),
            let newTuple = unsafe find("PyTuple_New", type(of: self.newTuple)),
            let setTupleItem = unsafe find("PyTuple_SetItem", type(of: self.setTupleItem)),
            let release = unsafe find("Py_DecRef", type(of: self.release)),
            let clearError = unsafe find("PyErr_Clear", type(of: self.clearError)),
            let keep = unsafe find("Py_IncRef", type(of: self.keep)),
            let checkSignals = unsafe find("PyErr_CheckSignals", type(of: self.checkSignals)),
            let takeError = unsafe find("PyErr_Fetch", type(of: self.takeError)),
            let completeError = unsafe find("PyErr_NormalizeException", type(of: self.completeError)),
            let setTraceback = unsafe find("PyException_SetTraceback", type(of: self.setTraceback)),
            let listAppend = unsafe find("PyList_Append", type(of: self.listAppend)),
            let listSize = unsafe find("PyList_Size", type(of: self.listSize)),
            let enter = unsafe find("PyGILState_Ensure", type(of: self.enter)),
            let leave = unsafe find("PyGILState_Release", type(of: self.leave)),
            let giveLockAway = unsafe find("PyEval_SaveThread", type(of: self.giveLockAway)),
            let takeLockBack = unsafe find("PyEval_RestoreThread", type(of: self.takeLockBack))
        else { return nil }
        unsafe self.bytesView = bytesView
        unsafe self.textView = textView
        unsafe self.tupleSize = tupleSize
        unsafe self.tupleItem = tupleItem
        unsafe self.unsigned = unsigned
        unsafe self.signed = signed
        unsafe self.integer = integer
        unsafe self.newBytes = newBytes
        unsafe self.newTuple = newTuple
        unsafe self.setTupleItem = setTupleItem
        unsafe self.release = release
        self.clearError = clearError
        unsafe self.keep = keep
        self.checkSignals = checkSignals
        unsafe self.takeError = takeError
        unsafe self.completeError = completeError
        unsafe self.setTraceback = setTraceback
        unsafe self.listAppend = listAppend
        unsafe self.listSize = listSize
        self.enter = enter
        self.leave = leave
        unsafe self.giveLockAway = giveLockAway
        unsafe self.takeLockBack = takeLockBack
    }

    /// What is in a `bytes`; nil for anything else. Valid as long as the caller keeps the object.
    @inline(__always)
    func bytes(of object: PythonObject?) -> UnsafeRawBufferPointer? {
        var start: UnsafeMutablePointer<CChar>?
        var size = 0
        guard unsafe bytesView(object, &start, &size) == 0, size >= 0 else {
            clearError()
            return nil
        }
        return unsafe UnsafeRawBufferPointer(start: start, count: size)
    }

    /// The UTF-8 of a `str`; nil for anything else, and for what has none. Valid as long as the caller keeps the
    /// object.
    func utf8(of object: PythonObject?) -> UnsafeRawBufferPointer? {
        var size = 0
        guard let start = unsafe textView(object, &size), size >= 0 else {
            clearError()
            return nil
        }
        return unsafe UnsafeRawBufferPointer(start: start, count: size)
    }

    /// How many items a `tuple` has; nil for anything else.
    func count(ofTuple object: PythonObject?) -> Int? {
        let count = unsafe tupleSize(object)
        guard count >= 0 else {
            clearError()
            return nil
        }
        return count
    }

    /// An item of a tuple. The tuple keeps it.
    @inline(__always)
    func item(_ index: Int, ofTuple object: PythonObject?) -> PythonObject? {
        unsafe tupleItem(object, index)
    }

    /// What is in a tuple of `bytes`; nil for anything else. Valid as long as the caller keeps the tuple.
    func bytes(ofTuple object: PythonObject?) -> [UnsafeRawBufferPointer]? {
        guard let count = unsafe count(ofTuple: object) else { return nil }
        var all: [UnsafeRawBufferPointer] = unsafe []
        unsafe all.reserveCapacity(count)
        for index in 0..<count {
            guard let bytes = unsafe bytes(of: item(index, ofTuple: object)) else { return nil }
            unsafe all.append(bytes)
        }
        return unsafe all
    }

    /// The number of a socket or a context. The package has seen to it that it is one.
    @inline(__always)
    func number(_ object: PythonObject?) -> UInt64 {
        unsafe unsigned(object)
    }

    /// A number that counts something; nil for anything else.
    func count(_ object: PythonObject?) -> Int? {
        let count = unsafe signed(object)
        guard count >= 0 else {
            clearError()
            return nil
        }
        return count
    }

    /// A new `int`, the caller's.
    @safe
    @inline(__always)
    func int(_ value: Int) -> PythonObject? {
        unsafe integer(value)
    }

    /// A new `bytes`, the caller's; nil with an exception when there is no memory. Much is copied without the lock.
    func bytes(_ content: UnsafeRawBufferPointer) -> PythonObject? {
        guard content.count > 1 << 20 else {
            return unsafe newBytes(content.baseAddress?.assumingMemoryBound(to: CChar.self), content.count)
        }
        // Nobody else has it yet: that is when it may be written to.
        guard let object = unsafe newBytes(nil, content.count), let memory = unsafe bytes(of: object) else {
            return nil
        }
        withoutLock { unsafe UnsafeMutableRawBufferPointer(mutating: memory).copyMemory(from: content) }
        return unsafe object
    }

    /// A new `tuple` of objects, which are used up; nil with an exception when one of them is, or there is no memory.
    func tuple(_ first: PythonObject?, _ second: PythonObject?) -> PythonObject? {
        guard let first = unsafe first, let second = unsafe second, let tuple = unsafe newTuple(2) else {
            unsafe release(first)
            unsafe release(second)
            return nil
        }
        _ = unsafe setTupleItem(tuple, 0, first)
        _ = unsafe setTupleItem(tuple, 1, second)
        return unsafe tuple
    }

    /// The same of any number.
    func tuple(_ objects: [PythonObject?]) -> PythonObject? {
        guard unsafe !objects.contains(nil), let tuple = unsafe newTuple(objects.count) else {
            unsafe objects.forEach(release)
            return nil
        }
        for unsafe(index, object) in unsafe objects.enumerated() { _ = unsafe setTupleItem(tuple, index, object) }
        return unsafe tuple
    }

    /// Does something that waits, without the interpreter's lock. No object may be used meanwhile but the memory of
    /// such that the caller keeps.
    func withoutLock<Result>(_ body: () -> Result) -> Result {
        let thread = unsafe giveLockAway()
        defer { unsafe takeLockBack(thread) }
        return body()
    }

    /// Does something with the interpreter's lock, on a thread without it.
    func withLock<Result>(_ body: () -> Result) -> Result {
        let state = enter()
        defer { leave(state) }
        return body()
    }

    /// Whether it is a `list`, which is kept for ever then.
    func keeps(list: PythonObject?) -> Bool {
        guard unsafe listSize(list) >= 0 else {
            clearError()
            return false
        }
        unsafe keep(list)
        return true
    }

    /// Runs the handlers of signals that have come. False if one has raised an exception, which is put into a list
    /// then.
    func runSignalHandlers(puttingErrorInto list: PythonObject?) -> Bool {
        guard checkSignals() != 0 else { return true }
        var (kind, error, traceback): (PythonObject?, PythonObject?, PythonObject?)
        unsafe takeError(&kind, &error, &traceback)
        unsafe completeError(&kind, &error, &traceback)
        if unsafe traceback != nil { _ = unsafe setTraceback(error, traceback) }
        if unsafe listAppend(list, error) != 0 { clearError() }
        unsafe release(kind)
        unsafe release(error)
        unsafe release(traceback)
        return false
    }
}
