// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ

@implementation @_cdecl("exz_context_options_init")
public func exz_context_options_init(_ options: UnsafeMutablePointer<exz_context_options>!) -> exz_status {
    guard let options = unsafe options else { return failed(.invalid) }
    unsafe options.pointee = exz_context_options()
    unsafe options.pointee.size = UInt32(MemoryLayout<exz_context_options>.size)
    unsafe options.pointee.io_threads = UInt32(clamping: ZMQContextOptions().ioThreads)
    unsafe options.pointee.sched_policy = Int32(EXZ_SCHED_INHERITED)
    return Code.ok.rawValue
}

extension ZMQContextOptions {
    /// More than any machine has.
    private static var mostProcessors: Int { 1 << 16 }

    /// More than a prefix has; of a longer one this is what is refused.
    private static var mostOfPrefix: Int { 64 }

    /// NULL stands for the defaults.
    init(_ pointer: UnsafePointer<exz_context_options>?) throws(ZMQSocketError) {
        self.init()
        guard let pointer = unsafe pointer else { return }
        try unsafe checkSize(of: pointer, "exz_context_options", hint: "EXZ_CONTEXT_OPTIONS_INIT")
        let options = unsafe pointer.pointee
        ioThreads = unsafe Int(options.io_threads)
        if unsafe options.max_sockets != 0 { maximumSockets = unsafe Int(options.max_sockets) }
        if unsafe options.sched_policy != Int32(EXZ_SCHED_INHERITED) {
            scheduling = unsafe Scheduling(policy: options.sched_policy, priority: options.sched_priority)
        } else if unsafe options.sched_priority != 0 {
            throw .invalid(unsafe "sched_priority is \(options.sched_priority), without a sched_policy it must be 0")
        }
        guard unsafe 0...Self.mostProcessors ~= options.cpu_count, unsafe options.cpus != nil || options.cpu_count == 0
        else {
            throw .invalid(unsafe "cpu_count is \(options.cpu_count), cpus must have as many")
        }
        processors = unsafe Set(UnsafeBufferPointer(start: options.cpus, count: options.cpu_count).map { Int($0) })
        if let prefix = unsafe options.thread_name_prefix {
            threadNamePrefix = unsafe beginning(of: prefix, atMost: Self.mostOfPrefix)
        }
        if let endpoint = unsafe options.stats_endpoint {
            statisticsEndpoint = try unsafe endpointText(endpoint, "stats_endpoint")
        }
    }
}
