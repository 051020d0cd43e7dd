// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// The system calls that libzmq's threads can not do without, made once before they are started: where the system
/// refuses one to the process, as a service's filter may, libzmq aborts.
///
/// What is refused later on, or on some other occasion, can not be found out from outside.
enum Rehearsal {
    struct Refusal: Error, Equatable {
        let call: String
        /// An errno.
        let number: Int32
    }

    static func perform() throws(Refusal) {
        let signal = try check("eventfd2", eventfd(0, Int32(EFD_CLOEXEC)))
        defer { close(signal) }
        let flags = try check("fcntl", fcntl(signal, F_GETFL))
        _ = try check("fcntl", fcntl(signal, F_SETFL, flags | O_NONBLOCK))
        var count: UInt64 = 1
        _ = try unsafe check("write", write(signal, &count, MemoryLayout<UInt64>.size))
        var item = pollfd(fd: signal, events: Int16(POLLIN), revents: 0)
        _ = try unsafe check("poll", poll(&item, 1, 0))
        _ = try unsafe check("read", read(signal, &count, MemoryLayout<UInt64>.size))

        let epoll = try check("epoll_create1", epoll_create1(Int32(EPOLL_CLOEXEC)))
        defer { close(epoll) }
        var event = unsafe epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: 0))
        _ = try unsafe check("epoll_ctl", epoll_ctl(epoll, EPOLL_CTL_ADD, signal, &event))
        _ = try unsafe check("epoll_wait", epoll_wait(epoll, &event, 1, 0))

        var mask = sigset_t()
        let number = unsafe pthread_sigmask(SIG_BLOCK, nil, &mask)
        guard number == 0 else { throw Refusal(call: "rt_sigprocmask", number: number) }

        // Each of libzmq's threads asks how it gets the processor, and sets that again. No such policy changes nothing
        // here, and is what the kernel has to say of it; whoever refuses the call says something else.
        _ = try check("sched_getscheduler", sched_getscheduler(0))
        var parameter = sched_param()
        _ = try unsafe check("sched_getparam", sched_getparam(0, &parameter))
        if unsafe sched_setscheduler(0, -1, &parameter) < 0, errno != EINVAL {
            throw Refusal(call: "sched_setscheduler", number: errno)
        }
    }

    /// One that a signal interrupts was not refused.
    private static func check<Answer: SignedInteger>(_ call: String, _ answer: Answer) throws(Refusal) -> Answer {
        guard answer < 0 else { return answer }
        let number = errno
        guard number != EINTR else { return answer }
        throw Refusal(call: call, number: number)
    }
}
