// SPDX-License-Identifier: Apache-2.0

/// The sockets of this machine with a certain local port, from the tables of the kernel.
struct PortTable {
    /// A line of /proc/net/tcp or tcp6.
    struct Row: Equatable {
        /// 4 bytes, or 16.
        let host: [UInt8]
        let port: UInt16
        let isListening: Bool
        let isConnected: Bool
        /// Bytes that the kernel has and the process has not read; of a listening socket connections not accepted.
        let unread: UInt64
        let user: UInt32
        let inode: UInt64

        /// - Parameter line: nil comes out for what is none, such as the heading.
        init?(_ line: String) {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            guard words.count >= 10 else { return nil }
            let local = words[1].split(separator: ":")
            let queues = words[4].split(separator: ":")
            guard local.count == 2, queues.count == 2, let host = Self.host(local[0]),
                let port = UInt16(local[1], radix: 16), let unread = UInt64(queues[1], radix: 16),
                let user = UInt32(words[7]), let inode = UInt64(words[9])
            else { return nil }
            (self.host, self.port, self.unread, self.user, self.inode) = (host, port, unread, user, inode)
            (isListening, isConnected) = (words[3] == "0A", words[3] == "01")
        }

        /// Words of 32 bits, each written as a number of this machine: in memory it is as on the wire.
        private static func host(_ digits: Substring) -> [UInt8]? {
            guard digits.utf8.count == 8 || digits.utf8.count == 32 else { return nil }
            var bytes: [UInt8] = []
            var rest = digits
            while !rest.isEmpty {
                guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
                unsafe withUnsafeBytes(of: word) { unsafe bytes.append(contentsOf: $0) }
                rest = rest.dropFirst(8)
            }
            return bytes
        }

        /// Whether what is sent to that address comes to this socket.
        func serves(_ address: [UInt8]) -> Bool {
            let (own, address) = (HostBytes.plain(host), HostBytes.plain(address))
            // At every address of IPv6 it has IPv4, too, and not the other way round.
            return own == address || own.count >= address.count && own.allSatisfy { $0 == 0 }
        }
    }

    let rows: [Row]

    /// The table of now.
    init(port: UInt16) {
        var found: [Row] = []
        for file in ["/proc/net/tcp", "/proc/net/tcp6"] {
            LineFile.read(file) { line in
                if let row = Row(line), row.port == port { found.append(row) }
            }
        }
        rows = found
    }

    init(_ rows: [Row]) {
        self.rows = rows
    }

    /// The sockets that listen, each with its user.
    func listening(_ isWanted: (Row) -> Bool) -> [UInt64: UInt32] {
        var found: [UInt64: UInt32] = [:]
        for row in rows where row.isListening && isWanted(row) { found[row.inode] = row.user }
        return found
    }

    /// The sockets that the system has accept what comes to that address, each with its user: those bound to it, or
    /// else those bound to every address.
    func serving(_ address: [UInt8]) -> [UInt64: UInt32] {
        let plain = HostBytes.plain(address)
        let own = listening { HostBytes.plain($0.host) == plain }
        if !own.isEmpty { return own }
        let ofFamily = listening { $0.host.count == plain.count && $0.serves(plain) }
        return ofFamily.isEmpty ? listening { $0.serves(plain) } : ofFamily
    }

    /// The connections that have come to those that listen at that address: over another one, too, where they listen at
    /// every address, but not those of others with the same port.
    func connections(to address: [UInt8]) -> [Row] {
        let listeners = Set(serving(address).keys)
        return rows.filter { row in
            guard row.isConnected else { return false }
            if HostBytes.plain(row.host) == HostBytes.plain(address) { return true }
            return !listeners.isDisjoint(with: serving(row.host).keys)
        }
    }

    /// The connections to an address on which as much as before, or more, waits to be read.
    func notRead(at address: [UInt8], since before: PortTable) -> [Row] {
        connections(to: address).filter { row in
            guard row.unread > 0 else { return false }
            return before.rows.contains { $0.inode == row.inode && $0.unread > 0 && $0.unread <= row.unread }
        }
    }
}
