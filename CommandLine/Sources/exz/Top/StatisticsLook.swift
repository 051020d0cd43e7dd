// SPDX-License-Identifier: Apache-2.0

import Glibc
import Shell
import Watching

/// Reads what programs serve at endpoints, from all at once, and waits for none longer than for all.
struct StatisticsLook {
    /// One that is being read.
    private struct Reading {
        let index: Int
        let descriptor: Int32
        var document: [UInt8] = []
    }

    /// The longest document: a program does not serve more, and another one is not to fill this one's memory.
    private static let longest = 4 << 20
    private static let chunk = 65_536

    private let endpoints: [String]
    private var findings: [(finding: Sighting.Finding, document: [UInt8])]
    private var readings: [Reading] = []

    /// - Parameter patience: the seconds until those that have not answered are silent.
    static func at(_ endpoints: [String], patience: Double) -> [Sighting] {
        var look = StatisticsLook(endpoints)
        look.read(until: MonotonicClock.seconds + patience)
        let time = MonotonicClock.seconds
        return zip(endpoints, look.findings).map { endpoint, found in
            Sighting(endpoint: endpoint, finding: found.finding, document: found.document, time: time)
        }
    }

    private init(_ endpoints: [String]) {
        self.endpoints = endpoints
        findings = endpoints.map { _ in (.silent, []) }
        for (index, endpoint) in endpoints.enumerated() {
            switch Self.connect(to: String(endpoint.dropFirst("ipc://".count))) {
            case .success(let descriptor): readings.append(Reading(index: index, descriptor: descriptor))
            case .failure(let failure): findings[index].finding = failure.finding
            }
        }
    }

    private struct NoConnection: Error { let finding: Sighting.Finding }

    private static func connect(to path: String) -> Result<Int32, NoConnection> {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        let isAbstract = name.first == UInt8(ascii: "@")
        if isAbstract { name[0] = 0 }
        guard !name.isEmpty, name.count < MemoryLayout.size(ofValue: address.sun_path) else {
            return .failure(NoConnection(finding: .failed("the path has more than 107 bytes, or none")))
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count + (isAbstract ? 0 : 1))
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return .failure(NoConnection(finding: .failed(describe(errno)))) }
        let number = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe Glibc.connect(descriptor, address, length) == 0 ? 0 : errno
            }
        }
        guard number != 0 else { return .success(descriptor) }
        close(descriptor)
        switch number {
        case ECONNREFUSED: return .failure(NoConnection(finding: .ended))
        // So many wait for it already.
        case EAGAIN: return .failure(NoConnection(finding: .silent))
        case ENOENT: return .failure(NoConnection(finding: .failed("there is nothing at the path")))
        default: return .failure(NoConnection(finding: .failed(describe(number))))
        }
    }

    private mutating func read(until end: Double) {
        while !readings.isEmpty, MonotonicClock.seconds < end {
            var items = readings.map {
                pollfd(fd: $0.descriptor, events: Int16(truncatingIfNeeded: POLLIN), revents: 0)
            }
            let left = Int32(max(1, min(10_000, (end - MonotonicClock.seconds) * 1_000)))
            guard unsafe poll(&items, nfds_t(items.count), left) > 0 else { continue }
            for index in items.indices.reversed() where items[index].revents != 0 { goOn(with: index) }
        }
        for reading in readings { close(reading.descriptor) }
        readings = []
    }

    /// Reads what there is of one.
    private mutating func goOn(with index: Int) {
        var number: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, count in
            let read = unsafe Glibc.read(readings[index].descriptor, buffer.baseAddress, buffer.count)
            if read < 0 { number = errno }
            count = max(0, read)
        }
        guard number != EAGAIN, number != EINTR else { return }
        readings[index].document += bytes
        let document = readings[index].document
        guard number != 0 || bytes.isEmpty || document.count > Self.longest else { return }
        let reading = readings.remove(at: index)
        close(reading.descriptor)
        let finding: Sighting.Finding
        if number != 0 {
            finding = .failed(describe(number))
        } else if document.isEmpty {
            finding = .turnedAway
        } else if document.count > Self.longest {
            finding = .failed("what is served there is no statistics: it has no end")
        } else {
            finding = Self.understand(document)
        }
        findings[reading.index] = (finding, document)
    }

    private static func understand(_ document: [UInt8]) -> Sighting.Finding {
        do throws(ProgramStatistics.Failure.Unreadable) {
            return .statistics(try ProgramStatistics(document))
        } catch {
            return .failed("what is served there is no statistics: \(error.reason)")
        }
    }
}
