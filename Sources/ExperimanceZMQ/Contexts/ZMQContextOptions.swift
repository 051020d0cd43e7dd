// SPDX-License-Identifier: Apache-2.0

import LibC

/// How a context is set up: fixed when it is made.
public struct ZMQContextOptions: Hashable, Sendable {
    /// How threads get the processor: a policy of sched_setscheduler(2) with its priority.
    public struct Scheduling: Hashable, Sendable {
        let policy: Int32
        let priority: Int32

        /// A policy by its number, such as `SCHED_OTHER`.
        public init(policy: Int32, priority: Int32 = 0) {
            self.policy = policy
            self.priority = priority
        }

        /// First in, first out, before all usual threads: `SCHED_FIFO`. The system has to permit it.
        ///
        /// - Parameter priority: 1 to 99.
        public static func fifo(priority: Int32) -> Scheduling { Scheduling(policy: SCHED_FIFO, priority: priority) }

        /// The same in turns with others of its priority: `SCHED_RR`.
        ///
        /// - Parameter priority: 1 to 99.
        public static func roundRobin(priority: Int32) -> Scheduling {
            Scheduling(policy: SCHED_RR, priority: priority)
        }
    }

    /// Threads of libzmq that carry what goes over the network, 1 to 64; default 1: libzmq's manual counts one for
    /// each gigabyte a second.
    public var ioThreads = 1
    /// The most sockets that may be open at once; nil, the default: as many as libzmq can have, about 21,000.
    public var maximumSockets: Int?
    /// How the context's threads get the processor, libzmq's included; nil, the default: as the thread that makes the
    /// context.
    public var scheduling: Scheduling?
    /// The processors that the context's threads may use, by their numbers; empty, the default: those of the thread
    /// that makes the context.
    public var processors: Set<Int> = []
    /// What the names of the context's threads begin with, 1 to 8 letters, digits, `_` and `.`; default "exz", and
    /// libzmq's own names. With another, "cam", they are cam-supervisor, cam-resolver, cam-reaper, cam-io-0,
    /// cam-proxy.
    public var threadNamePrefix = ThreadSettings.usual.namePrefix

    /// Where operators may look at the context's sockets while the program runs, with `exz top`: `ipc://PATH`, or
    /// `ipc://*` for a path in ``statisticsDirectory``. Default nil: nowhere, unless `EXZ_STATS=1` is in the
    /// environment, which is `ipc://*` for every context.
    ///
    /// Whoever connects there, as the same user or root, gets one document in JSON: counters, endpoints and failures,
    /// no messages and no keys. The file can be reached by the program's user alone, and goes with the context.
    public var statisticsEndpoint: String?

    /// The directory that `ipc://*` chooses a path in: `$XDG_RUNTIME_DIR/experimance_zmq`, or
    /// `/tmp/experimance_zmq-UID` where there is no such directory. It is made when it is first needed.
    public static var statisticsDirectory: String { RuntimeDirectory.ofProcess.path }

    /// The defaults.
    public init() {}

    /// - Throws: `invalid`, naming what is wrong.
    func validate() throws(ZMQSocketError) {
        guard 1...64 ~= ioThreads else {
            throw Self.invalid("the number of I/O threads is \(ioThreads), it must be 1 to 64")
        }
        if let maximumSockets, maximumSockets < 1 {
            throw Self.invalid("the largest number of sockets is \(maximumSockets), it must be 1 or more")
        }
        let letters = threadNamePrefix.utf8
        guard 1...8 ~= letters.count, letters.allSatisfy(Self.mayBeInName) else {
            throw Self.invalid(
                "the prefix of thread names is \"\(threadNamePrefix)\", it must be 1 to 8 letters, digits, _ and ."
            )
        }
        for processor in processors.sorted() where Int32(exactly: processor) == nil {
            throw Self.invalid("there is no processor \(processor)")
        }
        if let statisticsEndpoint { _ = try StatisticsPlace(statisticsEndpoint) }
    }

    private static func mayBeInName(_ letter: UInt8) -> Bool {
        switch letter {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }

    private static func invalid(_ message: String) -> ZMQSocketError { ZMQSocketError(.invalid, message: message) }

    var threads: ThreadSettings {
        ThreadSettings(
            scheduling: scheduling.map { .init(policy: $0.policy, priority: $0.priority) },
            processors: processors.sorted().map { Int32(truncatingIfNeeded: $0) },
            namePrefix: threadNamePrefix
        )
    }
}
