// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import LibC
import Synchronization

/// Memory of a caller's that libzmq sends from without a copy, and gives back when it is done.
@safe
struct LentBuffer: ~Copyable {
    /// Called once, on any thread, with the memory and what the caller wants to have with it.
    typealias Release = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void

    @safe
    private struct Loan: ~Copyable {
        /// Nil once the memory is not lent any more.
        var release: Release?
        let user: UnsafeMutableRawPointer?
        /// Set when all is said. libzmq hands it to another thread in ways of its own, which the thread sanitizer can
        /// not see.
        let isLent = Atomic<Bool>(false)
    }

    private var frame: Frame
    private let loan: UnsafeMutablePointer<Loan>

    /// Nil without memory; nothing is lent then.
    init?(_ data: UnsafeMutableRawPointer?, _ size: Int, user: UnsafeMutableRawPointer?, release: @escaping Release) {
        guard let block = unsafe malloc(MemoryLayout<Loan>.size) else { return nil }
        let loan = unsafe block.bindMemory(to: Loan.self, capacity: 1)
        unsafe loan.initialize(to: Loan(release: release, user: user))
        guard let frame = unsafe Frame(lent: data, size, hint: block, release: Self.end) else {
            unsafe free(block)
            return nil
        }
        self.frame = frame
        unsafe self.loan = loan
        unsafe loan.pointee.isLent.store(true, ordering: .releasing)
    }

    /// Sends it without waiting. Negative, with errno, if it was not taken and is still here.
    mutating func send(to socket: RawSocket) -> Int32 { unsafe frame.send(to: socket) }

    /// Takes the memory back, which has not been sent: nobody is called.
    func takeBack() { unsafe loan.pointee.release = nil }

    /// What libzmq calls when it needs the memory no more.
    private static let end: Release = { data, hint in
        guard let hint = unsafe hint else { return }
        let loan = unsafe hint.assumingMemoryBound(to: Loan.self)
        _ = unsafe loan.pointee.isLent.load(ordering: .acquiring)
        let (release, user) = unsafe (loan.pointee.release, loan.pointee.user)
        unsafe loan.deinitialize(count: 1)
        unsafe free(hint)
        unsafe release?(data, user)
    }
}
