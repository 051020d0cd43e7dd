// SPDX-License-Identifier: Apache-2.0

import LibC

/// What CPython has for types that are made while it runs, looked up as ``PythonInterface`` is.
@safe
struct PythonTypes {
    private let typeFromSpecification: @convention(c) (UnsafeMutableRawPointer?) -> PythonObject?
    private let allocate: @convention(c) (PythonObject?, Int) -> PythonObject?
    private let typeOf: @convention(c) (PythonObject?) -> PythonObject?
    private let slotOf: @convention(c) (PythonObject?, Int32) -> UnsafeMutableRawPointer?
    private let isSubtype: @convention(c) (PythonObject?, PythonObject?) -> Int32
    private let increment: @convention(c) (PythonObject?) -> Void
    private let decrement: @convention(c) (PythonObject?) -> Void

    /// Of this process; nil where there is no CPython 3.11 or later.
    static let ofProcess = PythonTypes()

    private init?() {
        @unsafe
        func find<Function>(_ name: String, _: Function.Type) -> Function? {
            unsafe dlsym(nil, name).map { unsafe unsafeBitCast($0, to: Function.self) }
        }
        guard PythonInterface.ofProcess != nil,
            let typeFromSpecification = unsafe find("PyType_FromSpec", type(of: self.typeFromSpecification)),
            let allocate = unsafe find("PyType_GenericAlloc", type(of: self.allocate)),
            let typeOf = unsafe find("PyObject_Type", type(of: self.typeOf)),
            let slotOf = unsafe find("PyType_GetSlot", type(of: self.slotOf)),
            let isSubtype = unsafe find("PyType_IsSubtype", type(of: self.isSubtype)),
            let increment = unsafe find("Py_IncRef", type(of: self.increment)),
            let decrement = unsafe find("Py_DecRef", type(of: self.decrement))
        else { return nil }
        unsafe self.typeFromSpecification = typeFromSpecification
        unsafe self.allocate = allocate
        unsafe self.typeOf = typeOf
        unsafe self.slotOf = slotOf
        unsafe self.isSubtype = isSubtype
        unsafe self.increment = increment
        unsafe self.decrement = decrement
    }

    /// What a type does, by the number of it (`Py_tp_…`, `Py_bf_…`).
    @safe
    struct Slot {
        let number: Int32
        let content: UnsafeMutableRawPointer?

        static func getBuffer(
            _ function: @convention(c) (PythonObject?, UnsafeMutableRawPointer?, Int32) -> Int32
        ) -> Slot {
            unsafe Slot(number: 1, content: unsafeBitCast(function, to: UnsafeMutableRawPointer.self))
        }

        static func dealloc(_ function: @convention(c) (PythonObject?) -> Void) -> Slot {
            unsafe Slot(number: 52, content: unsafeBitCast(function, to: UnsafeMutableRawPointer.self))
        }

        /// An array of `PyMethodDef` that ends with one without a name.
        static func methods(_ array: UnsafeMutableRawPointer?) -> Slot { unsafe Slot(number: 64, content: array) }

        /// The same of `PyMemberDef`.
        static func members(_ array: UnsafeMutableRawPointer?) -> Slot { unsafe Slot(number: 72, content: array) }
    }

    @safe
    private struct Specification {
        let name: UnsafePointer<CChar>?
        let basicSize: Int32
        let itemSize: Int32 = 0
        let flags: UInt32
        let slots: UnsafeMutablePointer<Slot>?
    }

    /// A new type that classes may be derived from, the caller's; nil with an exception. Python is told nothing that it
    /// may free.
    ///
    /// - Parameter size: of an object.
    func make(_ name: StaticString, size: Int, _ slots: [Slot]) -> PythonObject? {
        let array = UnsafeMutablePointer<Slot>.allocate(capacity: slots.count + 1)
        for (index, slot) in slots.enumerated() { unsafe (array + index).initialize(to: slot) }
        unsafe (array + slots.count).initialize(to: Slot(number: 0, content: nil))
        let mayBeDerivedFrom: UInt32 = 1 << 10
        let specification = UnsafeMutablePointer<Specification>.allocate(capacity: 1)
        unsafe specification.initialize(
            to: Specification(
                name: name.cString,
                basicSize: Int32(clamping: size),
                flags: mayBeDerivedFrom,
                slots: array
            )
        )
        return unsafe typeFromSpecification(specification)
    }

    /// A new object with nothing but zeros behind its header; nil with an exception.
    func new(_ type: PythonObject?) -> PythonObject? { unsafe type == nil ? nil : allocate(type, 0) }

    func isInstance(_ object: PythonObject, of type: PythonObject?) -> Bool {
        guard let type = unsafe type, let found = unsafe typeOf(object) else { return false }
        defer { unsafe decrement(found) }
        return unsafe isSubtype(found, type) != 0
    }

    func keep(_ object: PythonObject?) { unsafe increment(object) }

    /// Gives a reference back; with nil it does nothing.
    func release(_ object: PythonObject?) { unsafe decrement(object) }

    /// Gives the memory of an object back that has come to its end, and its reference to its type.
    func free(_ object: PythonObject) {
        let free: Int32 = 74
        guard let type = unsafe typeOf(object), let function = unsafe slotOf(type, free) else { return }
        unsafe unsafeBitCast(function, to: (@convention(c) (PythonObject?) -> Void).self)(object)
        unsafe decrement(type)
        unsafe decrement(type)
    }
}
