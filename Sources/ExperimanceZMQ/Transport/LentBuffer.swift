// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import LibC

/// Memory of a caller's that libzmq sends from without a copy, and gives back when it is done.
struct LentBuffer: ~Copyable {
    /// Called once, on any thread, with the memory and what the caller wants to have with it.
    typealias Release = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void

    private struct Loan {
        /// Nil once the memory is not lent any more.
        var release: Release?
        let user: UnsafeMutableRawPointer?
    }

    private var frame: Frame
    private let loan: UnsafeMutablePointer<Loan>

    /// Nil without memory; nothing is lent then.
    init?(_ data: UnsafeMutableRawPointer?, _ size: Int, user: UnsafeMutableRawPointer?, release: @escaping Release) {
        guard let block = malloc(MemoryLayout<Loan>.size) else { return nil }
        let loan = block.bindMemory(to: Loan.self, capacity: 1)
        loan.initialize(to: Loan(release: release, user: user))
        guard let frame = Frame(lent: data, size, hint: block, release: Self.end) else {
            free(block)
            return nil
        }
        self.frame = frame
        self.loan = loan
    }

    /// Sends it without waiting. Negative, with errno, if it was not taken and is still here.
    mutating func send(to socket: RawSocket) -> Int32 { frame.send(to: socket) }

    /// Takes the memory back, which has not been sent: nobody is called.
    consuming func takeBack() { loan.pointee.release = nil }

    /// What libzmq calls when it needs the memory no more.
    private static let end: Release = { data, hint in
        guard let hint else { return }
        let loan = hint.assumingMemoryBound(to: Loan.self).pointee
        free(hint)
        loan.release?(data, loan.user)
    }
}
