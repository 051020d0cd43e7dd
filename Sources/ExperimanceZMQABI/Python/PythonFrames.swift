// SPDX-License-Identifier: Apache-2.0

import LibC
import Synchronization

/// The type from which a class written in Python is derived that shows the memory of another object as its own, which
/// it can not do by itself before Python 3.12.
///
/// An object is Python's header and a reference to what it shows.
enum PythonFrames {
    @safe
    private struct Content {
        /// A reference of its own; nil until there is something to show.
        var shown: UInt
    }

    private static let frameType = Atomic<UInt>(0)
    private static let headerSize = Atomic<Int>(0)

    private static func content(of object: PythonObject) -> UnsafeMutablePointer<Content> {
        unsafe (UnsafeMutableRawPointer(object) + headerSize.load(ordering: .relaxed)).assumingMemoryBound(
            to: Content.self
        )
    }

    /// Has a frame show an object's memory from now on, in place of another one's.
    ///
    /// - Returns: false for what is no frame.
    static func show(_ object: PythonObject?, in frame: PythonObject?, _ types: PythonTypes) -> Bool {
        let type = unsafe PythonObject(bitPattern: frameType.load(ordering: .relaxed))
        guard let frame = unsafe frame, unsafe types.isInstance(frame, of: type) else { return false }
        unsafe types.keep(object)
        let before = unsafe content(of: frame).pointee.shown
        unsafe content(of: frame).pointee.shown = UInt(bitPattern: object)
        unsafe types.release(PythonObject(bitPattern: before))
        return true
    }

    private static let end: @convention(c) (PythonObject?) -> Void = { object in
        guard let object = unsafe object, let types = PythonTypes.ofProcess else { return }
        let shown = unsafe content(of: object).pointee.shown
        unsafe content(of: object).pointee.shown = 0
        unsafe types.release(PythonObject(bitPattern: shown))
        unsafe types.free(object)
    }

    private static let getBuffer: @convention(c) (PythonObject?, UnsafeMutableRawPointer?, Int32) -> Int32 = {
        object,
        buffer,
        flags in
        guard let object = unsafe object, let buffers = PythonBuffers.ofProcess else { return -1 }
        guard let shown = unsafe PythonObject(bitPattern: content(of: object).pointee.shown) else {
            unsafe buffer?.assumingMemoryBound(to: PythonBuffer.self).pointee.object = nil
            buffers.refuse("it shows nothing yet")
            return -1
        }
        return unsafe buffers.pass(on: shown, into: buffer, flags: flags)
    }

    /// Makes the type, if it is not there yet. Python is told nothing that it may free.
    ///
    /// - Parameter headerSize: of an object without anything, `object.__basicsize__`.
    static func makeType(headerSize size: Int, _ types: PythonTypes) -> PythonObject? {
        if let type = unsafe PythonObject(bitPattern: frameType.load(ordering: .relaxed)) { return unsafe type }
        headerSize.store(size, ordering: .relaxed)
        let size = size + MemoryLayout<Content>.stride
        let type = unsafe types.make("experimance_zmq.FrameMemory", size: size, [.getBuffer(getBuffer), .dealloc(end)])
        frameType.store(UInt(bitPattern: type), ordering: .relaxed)
        return unsafe type
    }
}

extension PythonCalls {
    /// frame_type(header_size: int) -> the type of what shows another object's memory.
    static let frameType: PythonFunction.OneArgument = { _, size in
        guard let python = PythonInterface.ofProcess, let types = PythonTypes.ofProcess else { return nil }
        let type = unsafe PythonFrames.makeType(headerSize: python.count(size) ?? 0, types)
        unsafe types.keep(type)
        return unsafe type
    }

    /// show_memory(frame, object) -> 0; 1 for what is no frame. The frame shows this object's memory from now on.
    static let showMemory: PythonFunction.Arguments = { _, arguments, count in
        guard let python = PythonInterface.ofProcess, let types = PythonTypes.ofProcess else { return nil }
        guard count == 2, let arguments = unsafe arguments,
            unsafe PythonFrames.show(arguments[1], in: arguments[0], types)
        else { return python.int(1) }
        return python.int(0)
    }
}
