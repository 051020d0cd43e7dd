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

        /// Whether that is all: one line. A child that the program has made may keep the connection open.
        var isComplete: Bool { document.suffix(2) == [UInt8(ascii: "}"), UInt8(ascii: "\n")] }
    }

    /// Keys that are pressed while it is looked.
    struct Keys {
        /// Where they come from.
        let descriptor: Int32
        /// Takes those that are there; false ends the look.
        let take: () -> Bool
    }

    /// The longest document: a program does not serve more, and another one is not to fill this one's memory.
    private static let longest = 3 << 19
    /// Bytes of all documents that are there at once.
    private static let longestOfAll = 32 << 20
    /// Sockets of all programs together.
    private static let mostSockets = 50_000
    private static let chunk = 65_536

    private let keepsDocuments: Bool
    private var findings: [(finding: Sighting.Finding, document: String?)]
    private var readings: [Reading] = []
    private var length = 0
    private var socketsLeft = Self.mostSockets

    /// - Parameters:
    ///   - patience: the seconds until those that have not answered are silent.
    ///   - keepsDocuments: whether what they say is wanted as they say it.
    ///   - keys: what may end it before.
    static func at(
        _ places: [StatisticsPlaces.Place],
        patience: Double,
        keepsDocuments: Bool = false,
        keys: Keys? = nil
    ) -> [Sighting] {
        var look = StatisticsLook(places, keepsDocuments)
        look.read(until: MonotonicClock.seconds + patience, keys)
        let time = MonotonicClock.seconds
        return zip(places, look.findings).map { place, found in
            Sighting(endpoint: place.endpoint, finding: found.finding, document: found.document, time: time)
        }
    }

    private init(_ places: [StatisticsPlaces.Place], _ keepsDocuments: Bool) {
        self.keepsDocuments = keepsDocuments
        findings = places.map { _ in (.silent, nil) }
        for (index, place) in places.enumerated() {
            switch Self.connect(to: StatisticsPlaces.path(of: place.endpoint)) {
            case .success(let descriptor):
                if let reason = Self.doubt(about: descriptor, place.trusted) {
                    close(descriptor)
                    findings[index].finding = .failed(reason)
                } else {
                    readings.append(Reading(index: index, descriptor: descriptor))
                }
            case .failure(let failure): findings[index].finding = failure.finding
            }
        }
    }

    /// Why who serves there is not believed; nil for this user, root, and who else is trusted there.
    private static func doubt(about descriptor: Int32, _ trusted: uid_t?) -> String? {
        // As the kernel lays out struct ucred.
        var known: (process: pid_t, user: uid_t, group: gid_t) = (0, 0, 0)
        var length = socklen_t(MemoryLayout.size(ofValue: known))
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &known, &length) == 0 else {
            return "whose it is can not be told: \(describe(errno))"
        }
        guard known.user != 0, known.user != geteuid(), known.user != trusted else { return nil }
        return "it is served by user \(known.user), who is not believed there"
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

    private mutating func read(until end: Double, _ keys: Keys?) {
        while !readings.isEmpty, MonotonicClock.seconds < end {
            var items = readings.map {
                pollfd(fd: $0.descriptor, events: Int16(truncatingIfNeeded: POLLIN), revents: 0)
            }
            // One that is below zero is passed over.
            items.append(pollfd(fd: keys?.descriptor ?? -1, events: Int16(truncatingIfNeeded: POLLIN), revents: 0))
            let left = Int32(max(1, min(10_000, (end - MonotonicClock.seconds) * 1_000)))
            guard unsafe poll(&items, nfds_t(items.count), left) > 0 else { continue }
            if let keys, items[readings.count].revents != 0, !keys.take() { break }
            for index in readings.indices.reversed() where items[index].revents != 0 { goOn(with: index) }
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
        length += bytes.count
        let isTooMuch = length > Self.longestOfAll
        let isOver = bytes.isEmpty || readings[index].isComplete || readings[index].document.count > Self.longest
        guard number != 0 || isOver || isTooMuch else { return }
        let reading = readings.remove(at: index)
        let document = reading.document
        length -= document.count
        close(reading.descriptor)
        let finding: Sighting.Finding
        if number != 0 {
            finding = .failed(describe(number))
        } else if document.isEmpty {
            finding = .turnedAway
        } else if document.count > Self.longest {
            finding = .failed("what is served there is no statistics: it has no end")
        } else if isTooMuch {
            finding = .failed(Self.tooMuch)
        } else {
            return findings[reading.index] = understand(document)
        }
        findings[reading.index].finding = finding
    }

    private static let tooMuch = "not read: all programs together say more than \(longestOfAll >> 20) MiB"

    private mutating func understand(_ document: [UInt8]) -> (Sighting.Finding, String?) {
        do throws(ProgramStatistics.Failure.Unreadable) {
            let json = try ProgramStatistics.json(of: document)
            let statistics = try ProgramStatistics(json, atMost: min(ProgramStatistics.mostSockets, socketsLeft))
            socketsLeft -= statistics.sockets.count
            guard keepsDocuments else { return (.statistics(statistics), nil) }
            let written = json.written
            guard length + written.utf8.count <= Self.longestOfAll else { return (.failed(Self.tooMuch), nil) }
            length += written.utf8.count
            return (.statistics(statistics), written)
        } catch {
            return (.failed("what is served there is no statistics: \(error.reason)"), nil)
        }
    }
}
