// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import LibC
import Synchronization

/// Objects of Python's that show the memory of a received message, and keep it as long as anybody looks at it.
///
/// An object is Python's header, the message, and the part that it shows. The header's size is what Python says it is,
/// so nothing here knows how it looks.
enum PythonMessages {
    @safe
    private struct Content {
        /// A reference to a ``MessageBox``; nil in an object that was made without one.
        var box: UnsafeMutableRawPointer?
        /// What is shown; nil where there is nothing to show, as of a message of several parts.
        var start: UnsafeRawPointer?
        var count: Int
        var isShown: Bool
        /// It is this message's alone, and whoever looks may write.
        var isWritable: Bool
    }

    /// The type of the parts, and of what the package derives its class from; and that class.
    private static let baseType = Atomic<UInt>(0)
    private static let messageType = Atomic<UInt>(0)
    private static let headerSize = Atomic<Int>(0)

    private static func content(of object: PythonObject) -> UnsafeMutablePointer<Content> {
        unsafe (UnsafeMutableRawPointer(object) + headerSize.load(ordering: .relaxed)).assumingMemoryBound(
            to: Content.self
        )
    }

    // MARK: Objects

    /// A new object, the caller's: of the package's class for a whole message, else one that shows a part. Nil with an
    /// exception.
    static func object(
        for box: MessageBox,
        part: Int? = nil,
        isWritable: Bool = false,
        _ types: PythonTypes
    ) -> PythonObject? {
        let isWhole = part == nil
        let type = isWhole ? messageType.load(ordering: .relaxed) : baseType.load(ordering: .relaxed)
        guard let object = unsafe types.new(PythonObject(bitPattern: type)) else { return nil }
        let shown = part ?? (box.partCount == 1 ? 0 : nil)
        let bytes = unsafe shown.flatMap { unsafe try? box.view(ofPart: $0) }
        unsafe content(of: object).pointee = unsafe Content(
            box: Unmanaged.passRetained(box).toOpaque(),
            start: bytes?.baseAddress,
            count: bytes?.count ?? 0,
            isShown: bytes != nil,
            isWritable: isWritable
        )
        return unsafe object
    }

    /// The message of such an object; nil for anything else.
    static func box(of object: PythonObject?, _ types: PythonTypes) -> MessageBox? {
        let type = unsafe PythonObject(bitPattern: baseType.load(ordering: .relaxed))
        guard let object = unsafe object, unsafe types.isInstance(object, of: type),
            let box = unsafe content(of: object).pointee.box
        else {
            return nil
        }
        // Ours: nothing else writes into such an object.
        return unsafe Unmanaged<MessageBox>.fromOpaque(box).takeUnretainedValue()
    }

    private static let end: @convention(c) (PythonObject?) -> Void = { object in
        guard let object = unsafe object, let types = PythonTypes.ofProcess else { return }
        if let box = unsafe content(of: object).pointee.box { unsafe Unmanaged<MessageBox>.fromOpaque(box).release() }
        unsafe types.free(object)
    }

    private static let show: @convention(c) (PythonObject?, UnsafeMutableRawPointer?, Int32) -> Int32 = {
        object,
        buffer,
        flags in
        guard let object = unsafe object, let buffers = PythonBuffers.ofProcess else { return -1 }
        let shown = unsafe content(of: object).pointee
        guard shown.isShown else {
            unsafe buffer?.assumingMemoryBound(to: PythonBuffer.self).pointee.object = nil
            buffers.refuse("a message of several parts is no memory in one piece; it has `parts`")
            return -1
        }
        let bytes = unsafe UnsafeRawBufferPointer(start: shown.start, count: shown.count)
        return unsafe buffers.show(bytes, of: object, in: buffer, isWritable: shown.isWritable, flags: flags)
    }

    // MARK: Types

    /// Makes the type, if it is not there yet. Python is told nothing that it may free.
    ///
    /// - Parameter headerSize: of an object without anything, `object.__basicsize__`.
    static func makeType(headerSize size: Int, _ types: PythonTypes) -> PythonObject? {
        if let type = unsafe PythonObject(bitPattern: baseType.load(ordering: .relaxed)) { return unsafe type }
        headerSize.store(size, ordering: .relaxed)
        let size = size + MemoryLayout<Content>.stride
        let type = unsafe types.make("experimance_zmq.MessageMemory", size: size, [.getBuffer(show), .dealloc(end)])
        baseType.store(UInt(bitPattern: type), ordering: .relaxed)
        return unsafe type
    }

    /// Messages are objects of this class from now on, which is derived from the type.
    static func use(_ type: PythonObject?, _ types: PythonTypes) {
        unsafe types.keep(type)
        messageType.store(UInt(bitPattern: type), ordering: .relaxed)
    }
}
