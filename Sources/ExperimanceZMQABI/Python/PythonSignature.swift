// SPDX-License-Identifier: Apache-2.0

import LibC

/// A name as the interpreter has it, once for the process. Made with the interpreter's lock.
@safe
struct PythonName: Sendable {
    private let text: StaticString
    private let address: UInt

    init(_ text: StaticString) {
        self.text = text
        address = UInt(bitPattern: unsafe PythonObjects.ofProcess?.interned(text.cString))
    }

    /// Nil if there was no memory for it.
    var object: PythonObject? { unsafe PythonObject(bitPattern: address) }

    /// Whether an object is this name. Those of a call mostly are the interpreter's own.
    @inline(__always)
    func isSame(as other: PythonObject?) -> Bool {
        if UInt(bitPattern: other) == address { return true }
        return unsafe PythonObjects.ofProcess?.hasText(other, text.cString) == true
    }
}

/// The names of a method's arguments, at most four of them.
struct PythonSignature: Sendable {
    private let names: (PythonName, PythonName, PythonName, PythonName)
    private let count: Int

    init(_ first: StaticString, _ others: StaticString...) {
        func name(_ index: Int) -> PythonName {
            index < others.count ? PythonName(others[index]) : PythonName(first)
        }
        names = (PythonName(first), name(0), name(1), name(2))
        count = 1 + min(others.count, 3)
    }

    /// Puts the arguments of a call in their places; nil if it has others.
    ///
    /// - Parameters:
    ///   - given: those without a name, and behind them those with one.
    ///   - unnamed: how many have none.
    ///   - keywords: a tuple of the names of the others; nil if there are none.
    @inline(__always)
    func places(
        _ given: UnsafePointer<PythonObject?>?,
        _ unnamed: Int,
        _ keywords: PythonObject?,
        _ python: PythonInterface
    ) -> PythonPlaces? {
        var places = PythonPlaces()
        guard unnamed <= count else { return nil }
        for index in 0..<unnamed { unsafe places[index] = given?[index] }
        guard unsafe keywords != nil, let named = unsafe python.count(ofTuple: keywords) else { return places }
        for index in 0..<named {
            guard let place = unsafe place(of: python.item(index, ofTuple: keywords), from: unnamed + index),
                unsafe places[place] == nil
            else { return nil }
            unsafe places[place] = given?[unnamed + index]
        }
        return places
    }

    /// - Parameter usual: where it is if they come in their order.
    @inline(__always)
    private func place(of keyword: PythonObject?, from usual: Int) -> Int? {
        if usual < count, unsafe name(usual).isSame(as: keyword) { return usual }
        return (0..<count).first { unsafe name($0).isSame(as: keyword) }
    }

    @inline(__always)
    private func name(_ index: Int) -> PythonName {
        switch index {
        case 0: names.0
        case 1: names.1
        case 2: names.2
        default: names.3
        }
    }
}

/// Arguments in their places; nil where there is none.
@safe
struct PythonPlaces {
    private var all: (PythonObject?, PythonObject?, PythonObject?, PythonObject?) = (nil, nil, nil, nil)

    subscript(_ index: Int) -> PythonObject? {
        @inline(__always)
        get {
            switch index {
            case 0: unsafe all.0
            case 1: unsafe all.1
            case 2: unsafe all.2
            default: unsafe all.3
            }
        }
        @inline(__always)
        set {
            switch index {
            case 0: unsafe all.0 = newValue
            case 1: unsafe all.1 = newValue
            case 2: unsafe all.2 = newValue
            default: unsafe all.3 = newValue
            }
        }
    }
}
