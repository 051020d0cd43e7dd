// SPDX-License-Identifier: Apache-2.0

import LibC

/// What CPython has for objects of any kind, and those that are always there, looked up as ``PythonInterface`` is.
@safe
struct PythonObjects {
    private let intern: @convention(c) (UnsafePointer<CChar>?) -> PythonObject?
    private let compare: @convention(c) (PythonObject?, UnsafePointer<CChar>?) -> Int32
    private let isTrue: @convention(c) (PythonObject?) -> Int32
    private let setError: @convention(c) (PythonObject?, UnsafePointer<CChar>?) -> Void
    private let attribute: @convention(c) (PythonObject?, PythonObject?) -> PythonObject?
    private let callWith: @convention(c) (PythonObject?, PythonObject?, PythonObject?) -> PythonObject?
    private let callBare: @convention(c) (PythonObject?) -> PythonObject?
    private let typeOf: @convention(c) (PythonObject?) -> PythonObject?
    private let increment: @convention(c) (PythonObject?) -> Void
    private let decrement: @convention(c) (PythonObject?) -> Void
    private let typeError: UInt
    private let nothing: UInt
    private let yes: UInt
    private let no: UInt
    private let bytesType: UInt
    private let listType: UInt

    /// Of this process; nil where there is no CPython 3.11 or later.
    static let ofProcess = PythonObjects()

    private init?() {
        @unsafe
        func find<Function>(_ name: String, _: Function.Type) -> Function? {
            unsafe dlsym(nil, name).map { unsafe unsafeBitCast($0, to: Function.self) }
        }
        guard PythonInterface.ofProcess != nil,
            let intern = unsafe find("PyUnicode_InternFromString", type(of: self.intern)),
            let compare = unsafe find("PyUnicode_CompareWithASCIIString", type(of: self.compare)),
            let isTrue = unsafe find("PyObject_IsTrue", type(of: self.isTrue)),
            let setError = unsafe find("PyErr_SetString", type(of: self.setError)),
            let attribute = unsafe find("PyObject_GetAttr", type(of: self.attribute)),
            let callWith = unsafe find("PyObject_Call", type(of: self.callWith)),
            let callBare = unsafe find("PyObject_CallNoArgs", type(of: self.callBare)),
            let typeOf = unsafe find("PyObject_Type", type(of: self.typeOf)),
            let increment = unsafe find("Py_IncRef", type(of: self.increment)),
            let decrement = unsafe find("Py_DecRef", type(of: self.decrement)),
            let typeError = unsafe dlsym(nil, "PyExc_TypeError"),
            let nothing = unsafe dlsym(nil, "_Py_NoneStruct"),
            let yes = unsafe dlsym(nil, "_Py_TrueStruct"),
            let no = unsafe dlsym(nil, "_Py_FalseStruct"),
            let bytesType = unsafe dlsym(nil, "PyBytes_Type"),
            let listType = unsafe dlsym(nil, "PyList_Type")
        else { return nil }
        unsafe self.intern = intern
        unsafe self.compare = compare
        unsafe self.isTrue = isTrue
        unsafe self.setError = setError
        unsafe self.attribute = attribute
        unsafe self.callWith = callWith
        unsafe self.callBare = callBare
        unsafe self.typeOf = typeOf
        unsafe self.increment = increment
        unsafe self.decrement = decrement
        self.typeError = UInt(bitPattern: typeError)
        self.nothing = UInt(bitPattern: nothing)
        self.yes = UInt(bitPattern: yes)
        self.no = UInt(bitPattern: no)
        self.bytesType = UInt(bitPattern: bytesType)
        self.listType = UInt(bitPattern: listType)
    }

    // MARK: References

    func keep(_ object: PythonObject?) { unsafe increment(object) }

    /// Gives a reference back; with nil it does nothing.
    func release(_ object: PythonObject?) { unsafe decrement(object) }

    /// The object with one more reference, the caller's.
    func kept(_ object: PythonObject?) -> PythonObject? {
        unsafe increment(object)
        return unsafe object
    }

    // MARK: What is always there

    /// A new reference to None.
    var none: PythonObject? { unsafe kept(PythonObject(bitPattern: nothing)) }

    /// A new reference to True or False.
    func bool(_ value: Bool) -> PythonObject? { unsafe kept(PythonObject(bitPattern: value ? yes : no)) }

    /// Whether an object counts as true; nil with an exception where it does not say.
    ///
    /// - Parameter usually: where there is none.
    @inline(__always)
    func truth(of object: PythonObject?, usually: Bool) -> Bool? {
        let address = UInt(bitPattern: object)
        if address == 0 { return usually }
        if address == yes { return true }
        if address == no { return false }
        let answer = unsafe isTrue(object)
        return answer < 0 ? nil : answer != 0
    }

    // MARK: Types

    /// Whether an object is `bytes`, and not of a class derived from it.
    @inline(__always)
    func isBytes(_ object: PythonObject?) -> Bool { unsafe isExactly(bytesType, object) }

    /// The same of a `list`.
    @inline(__always)
    func isList(_ object: PythonObject?) -> Bool { unsafe isExactly(listType, object) }

    @inline(__always)
    private func isExactly(_ type: UInt, _ object: PythonObject?) -> Bool {
        guard unsafe object != nil, let found = unsafe typeOf(object) else { return false }
        // The object keeps it.
        unsafe decrement(found)
        return UInt(bitPattern: found) == type
    }

    // MARK: Calls

    /// What a call without arguments answers, the caller's; nil with an exception.
    @inline(__always)
    func call(_ function: PythonObject?) -> PythonObject? { unsafe function == nil ? nil : callBare(function) }

    /// Calls a method with a tuple of arguments, which is used up. What it answers, the caller's; nil with an
    /// exception.
    func call(_ name: PythonName, of object: PythonObject?, _ arguments: PythonObject?) -> PythonObject? {
        guard let arguments = unsafe arguments else { return nil }
        defer { unsafe decrement(arguments) }
        guard let named = unsafe name.object else {
            refuse("there is no memory for a name")
            return nil
        }
        guard let object = unsafe object else {
            refuse("there is no such attribute any more")
            return nil
        }
        guard let method = unsafe attribute(object, named) else { return nil }
        defer { unsafe decrement(method) }
        return unsafe callWith(method, arguments, nil)
    }

    /// Raises a `TypeError`.
    func refuse(_ reason: StaticString) {
        let place = unsafe UnsafePointer<PythonObject?>(bitPattern: typeError)
        unsafe setError(place?.pointee, reason.cString)
    }

    // MARK: Names

    /// The text as the interpreter's own `str`; nil without memory.
    func interned(_ text: UnsafePointer<CChar>) -> PythonObject? { unsafe intern(text) }

    /// Whether a `str` is this text.
    func hasText(_ object: PythonObject?, _ text: UnsafePointer<CChar>) -> Bool { unsafe compare(object, text) == 0 }
}
