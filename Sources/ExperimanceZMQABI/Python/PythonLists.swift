// SPDX-License-Identifier: Apache-2.0

import LibC

/// What CPython has for lists, and for what takes them, looked up as ``PythonInterface`` is.
@safe
struct PythonLists {
    private let newList: @convention(c) (Int) -> PythonObject?
    private let setItem: @convention(c) (PythonObject?, Int, PythonObject?) -> Int32
    private let item: @convention(c) (PythonObject?, Int) -> PythonObject?
    private let append: @convention(c) (PythonObject?, PythonObject?) -> Int32
    private let listSize: @convention(c) (PythonObject?) -> Int
    private let setSlice: @convention(c) (PythonObject?, Int, Int, PythonObject?) -> Int32
    private let size: @convention(c) (PythonObject?) -> Int
    private let attribute: @convention(c) (PythonObject?, UnsafePointer<CChar>?) -> PythonObject?
    private let call: @convention(c) (PythonObject?, PythonObject?, PythonObject?) -> PythonObject?
    private let newTuple: @convention(c) (Int) -> PythonObject?
    private let setTupleItem: @convention(c) (PythonObject?, Int, PythonObject?) -> Int32
    private let decode: @convention(c) (UnsafePointer<CChar>?, Int, UnsafePointer<CChar>?) -> PythonObject?
    private let increment: @convention(c) (PythonObject?) -> Void
    private let decrement: @convention(c) (PythonObject?) -> Void
    private let clearError: @convention(c) () -> Void
    private let takeError:
        @convention(c) (
            UnsafeMutablePointer<PythonObject?>?, UnsafeMutablePointer<PythonObject?>?,
            UnsafeMutablePointer<PythonObject?>?
        ) -> Void
    private let putErrorBack: @convention(c) (PythonObject?, PythonObject?, PythonObject?) -> Void
    private let stopCollector: @convention(c) () -> Int32
    private let startCollector: @convention(c) () -> Int32

    /// Items that a list lets go at once without memory of its own for them.
    private static var mostWithoutMemory: Int { 8 }

    /// Of this process; nil where there is no CPython 3.11 or later.
    static let ofProcess = PythonLists()

    private init?() {
        @unsafe
        func find<Function>(_ name: String, _: Function.Type) -> Function? {
            unsafe dlsym(nil, name).map { unsafe unsafeBitCast($0, to: Function.self) }
        }
        guard PythonInterface.ofProcess != nil,
            let newList = unsafe find("PyList_New", type(of: self.newList)),
            let setItem = unsafe find("PyList_SetItem", type(of: self.setItem)),
            let item = unsafe find("PyList_GetItem", type(of: self.item)),
            let append = unsafe find("PyList_Append", type(of: self.append)),
            let listSize = unsafe find("PyList_Size", type(of: self.listSize)),
            let setSlice = unsafe find("PyList_SetSlice", type(of: self.setSlice)),
            let size = unsafe find("PyObject_Size", type(of: self.size)),
            let attribute = unsafe find("PyObject_GetAttrString", type(of: self.attribute)),
            let call = unsafe find("PyObject_Call", type(of: self.call)),
            let newTuple = unsafe find("PyTuple_New", type(of: self.newTuple)),
            let setTupleItem = unsafe find("PyTuple_SetItem", type(of: self.setTupleItem)),
            let decode = unsafe find("PyUnicode_DecodeUTF8", type(of: self.decode)),
            let increment = unsafe find("Py_IncRef", type(of: self.increment)),
            let decrement = unsafe find("Py_DecRef", type(of: self.decrement)),
            let clearError = unsafe find("PyErr_Clear", type(of: self.clearError)),
            let takeError = unsafe find("PyErr_Fetch", type(of: self.takeError)),
            let putErrorBack = unsafe find("PyErr_Restore", type(of: self.putErrorBack)),
            let stopCollector = unsafe find("PyGC_Disable", type(of: self.stopCollector)),
            let startCollector = unsafe find("PyGC_Enable", type(of: self.startCollector))
        else { return nil }
        unsafe self.newList = newList
        unsafe self.setItem = setItem
        unsafe self.item = item
        unsafe self.append = append
        unsafe self.listSize = listSize
        unsafe self.setSlice = setSlice
        unsafe self.size = size
        unsafe self.attribute = attribute
        unsafe self.call = call
        unsafe self.newTuple = newTuple
        unsafe self.setTupleItem = setTupleItem
        unsafe self.decode = decode
        unsafe self.increment = increment
        unsafe self.decrement = decrement
        self.clearError = clearError
        unsafe self.takeError = takeError
        unsafe self.putErrorBack = putErrorBack
        self.stopCollector = stopCollector
        self.startCollector = startCollector
    }

    // MARK: Lists

    /// A `list` of so many objects, which are used up; nil with an exception where one of them is.
    func list(count: Int, _ make: (Int) -> PythonObject?) -> PythonObject? {
        guard let list = unsafe newList(count) else { return nil }
        for index in 0..<count {
            guard let object = unsafe make(index), unsafe setItem(list, index, object) == 0 else {
                unsafe decrement(list)
                return nil
            }
        }
        return unsafe list
    }

    /// Adds an object, which is used up. False with an exception, also for one that could not be made.
    func add(_ object: PythonObject?, to list: PythonObject?) -> Bool {
        guard let object = unsafe object else { return false }
        defer { unsafe decrement(object) }
        return unsafe append(list, object) == 0
    }

    /// How many items a `list` has; nil for anything else.
    func count(ofList object: PythonObject?) -> Int? {
        guard unsafe object != nil else { return nil }
        let count = unsafe listSize(object)
        guard count >= 0 else {
            clearError()
            return nil
        }
        return count
    }

    /// How many items there are in whatever has a length; nil for anything else.
    func count(of object: PythonObject?) -> Int? {
        guard unsafe object != nil else { return nil }
        let count = unsafe size(object)
        guard count >= 0 else {
            clearError()
            return nil
        }
        return count
    }

    /// An item of a list, which keeps it; nil if there is no such item.
    func item(_ index: Int, ofList list: PythonObject?) -> PythonObject? {
        guard unsafe list != nil else { return nil }
        guard let found = unsafe item(list, index) else {
            clearError()
            return nil
        }
        return unsafe found
    }

    /// Moves all of a list into a queue that is empty. False with an exception; what the queue has not taken then is
    /// still in the list.
    func move(_ list: PythonObject?, into queue: PythonObject?) -> Bool {
        let isDone = unsafe extend(queue, with: list)
        var (kind, error, traceback): (PythonObject?, PythonObject?, PythonObject?)
        if !isDone { unsafe takeError(&kind, &error, &traceback) }
        let taken = unsafe isDone ? .max : count(of: queue) ?? 0
        unsafe remove(taken, fromStartOf: list)
        if !isDone { unsafe putErrorBack(kind, error, traceback) }
        return isDone
    }

    /// Adds an object to the end of a list, which keeps it. False with an exception.
    func keep(_ object: PythonObject?, in list: PythonObject?) -> Bool {
        unsafe list != nil && append(list, object) == 0
    }

    /// Empties a list.
    func clear(_ list: PythonObject?) {
        unsafe remove(.max, fromStartOf: list)
    }

    private func remove(_ most: Int, fromStartOf list: PythonObject?) {
        guard let list = unsafe list, unsafe setSlice(list, 0, most, nil) != 0 else { return }
        // That has needed memory; a few at a time need none.
        clearError()
        var left = unsafe min(most, count(ofList: list) ?? 0)
        while left > 0 {
            let first = max(0, left - Self.mostWithoutMemory)
            guard unsafe setSlice(list, first, left, nil) == 0 else { return clearError() }
            left = first
        }
    }

    /// Empties a queue.
    func empty(_ queue: PythonObject?) {
        let name: StaticString = "clear"
        guard let queue = unsafe queue, let clear = unsafe attribute(queue, name.cString),
            let arguments = unsafe newTuple(0)
        else { return clearError() }
        defer {
            unsafe decrement(arguments)
            unsafe decrement(clear)
        }
        guard let nothing = unsafe call(clear, arguments, nil) else { return clearError() }
        unsafe decrement(nothing)
    }

    /// Has a queue take all that is in a list, too. False with an exception, and it may have taken some.
    func extend(_ queue: PythonObject?, with list: PythonObject?) -> Bool {
        let name: StaticString = "extend"
        guard let queue = unsafe queue, let extend = unsafe attribute(queue, name.cString) else { return false }
        defer { unsafe decrement(extend) }
        guard let arguments = unsafe tuple(of: list) else { return false }
        defer { unsafe decrement(arguments) }
        guard let nothing = unsafe call(extend, arguments, nil) else { return false }
        unsafe decrement(nothing)
        return true
    }

    /// A `tuple` of one object, which keeps it; nil with an exception.
    func tuple(of object: PythonObject?) -> PythonObject? {
        guard let tuple = unsafe newTuple(1) else { return nil }
        unsafe increment(object)
        _ = unsafe setTupleItem(tuple, 0, object)
        return unsafe tuple
    }

    // MARK: What is in them

    /// A received topic as the package has it, a `str`; nil with an exception.
    func topic(_ bytes: UnsafeRawBufferPointer) -> PythonObject? {
        let errors: StaticString = "surrogateescape"
        return unsafe decode(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, errors.cString)
    }

    /// For who goes on in spite of an exception.
    func forgetError() { clearError() }

    /// Makes objects where nobody else may run: the collector runs finalizers, which may do anything.
    func withoutCollector<Result>(_ body: () -> Result) -> Result {
        let wasOn = stopCollector() != 0
        defer { if wasOn { _ = startCollector() } }
        return body()
    }
}
