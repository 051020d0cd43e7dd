// SPDX-License-Identifier: Apache-2.0

extension Fault {
    /// What is wrong, in words.
    var seen: String {
        switch self {
        case .nameUnknown(let host, let words): "the host name \"\(host)\" could not be resolved: \(words)"
        case .nameServerSilent(let host): "no name server has said in time what the address of \"\(host)\" is"
        case .noRoute(let words): "there is no way to the address: \(words)"
        case .refused(_, let elsewhere):
            elsewhere.isEmpty
                ? "nothing listens there"
                : "nothing listens there, but at the same port of \(elsewhere.joined(separator: ", "))"
        case .noAnswer: "no answer in time: it was too short, the host is down, or a firewall drops the packets"
        case .connectFailed(let words): "the system does not connect: \(words)"
        case .addressesSilent(let addresses):
            "\(addresses.joined(separator: ", ")) give\(addresses.count == 1 ? "s" : "") no answer"
        case .pathMissing: "the path does not exist"
        case .notASocket(let kind): "at the path is \(kind) and no socket"
        case .pathForbidden(let words): "this user may not use the path: \(words)"
        case .nobodyAtPath(let isAbstract):
            isAbstract ? "nobody has that abstract name" : "the socket at the path was left by a process that is gone"
        case .notAccepting: "it accepts no connections: as many wait as may"
        case .silent(let process):
            "the connection was accepted but the peer says nothing" + Self.stop(of: process)
        case .stopsTalking(let process):
            "the peer has greeted, and says nothing more" + Self.stop(of: process)
        case .hangsUp: "the peer closed the connection during the handshake"
        case .foreign(let what): "\(what) answers there, not a ZeroMQ socket"
        case .oldProtocol(let major): "the peer speaks ZMTP \(major), this library speaks ZMTP 3 (libzmq 4 and later)"
        case .brokenProtocol(let how): "the peer broke the ZMTP protocol: \(how)"
        case .otherMechanism(let theirs, let ours):
            "the peer uses another security mechanism: \(Mechanism.text(theirs)), and \(Mechanism.text(ours)) was tried"
        case .otherType(let theirs, let ours):
            "the peer is \(SocketTypes.one(theirs)) socket, "
                + (ours.map { "\(SocketTypes.one($0)) socket can not talk to it" }
                    ?? "which is none of the types that this library has")
        case .keyRefused(let words): words
        case .handshakeBroken(let tried):
            "the peer broke off the security handshake with \(SocketTypes.inWords(tried, "and")): its key or its type is "
                + "not the expected one, or it does not accept this client's key"
        case .refusedByAuthenticator(let status):
            "the peer's authenticator does not let this client in (status \(status))"
        case .noHeartbeat: "the peer has answered no heartbeat in time"
        case .nothingPublished(let topic):
            "nothing was published in time, neither to \(Self.quoted(topic)) nor to anything else"
        case .otherTopics(let topic, let seen):
            "nothing was published to \(Self.quoted(topic)) in time, but to "
                + seen.map(Self.quoted).joined(separator: ", ")
        case .notRead(let bytes, let connections):
            "\(bytes) bytes on \(connections) connection\(connections == 1 ? "" : "s") wait to be read by the process"
        case .handed(let type):
            "for a moment the server had \(SocketTypes.one(type)) socket of the doctor's as a peer: messages that it "
                + "handed to that are lost, and a PAIR had no place for another"
        case .libraryMissing(let name): "the loader does not find \(name)"
        case .librariesMissing(let name, let missing):
            "the loader finds \(name), but not what that needs: \(missing.joined(separator: ", "))"
        case .addressInUse(let by):
            "the address is in use"
                + (by.isEmpty ? "" : " by " + by.map(\.text).joined(separator: ", "))
        case .addressElsewhere(let host): "\(host) is no address of this machine, or its interface is down"
        case .portForbidden(let port): "port \(port) needs a privilege that this user does not have"
        case .directoryMissing(let directory): "the directory \(directory) does not exist"
        case .directoryForbidden(let directory, let words):
            "this user may not write to the directory \(directory): \(words)"
        case .fileInTheWay(let kind): "at the path is \(kind), which is left alone"
        }
    }

    /// What a person can do about it.
    var advice: String {
        switch self {
        case .nameUnknown(let host, _): "look at the spelling, and at: getent hosts \(host)"
        case .nameServerSilent: "look at the name servers in /etc/resolv.conf, or give a --timeout that is longer"
        case .noRoute: "look at the interfaces and routes: ip address; ip route"
        case .refused(true, let elsewhere) where !elsewhere.isEmpty:
            "have the service bind to tcp://*:PORT, or connect to an address that it listens at"
        case .refused(true, _): "start the service, or look for the port that it listens at: ss -ltnp"
        case .refused(false, _):
            "start the service, or look there for the port and the interface it listens at: ss -ltn"
        case .noAnswer: "look whether the host is up and which firewalls are on the way, or give a longer --timeout"
        case .connectFailed: "look at the limits and rules of this process, such as ulimit -n and its service's unit"
        case .addressesSilent: "take them out of the name, or have the service listen there: each costs an attempt"
        case .pathMissing: "start the service, or look for the path that it binds to: ss -lx"
        case .notASocket: "give the path of the socket"
        case .pathForbidden:
            "run as its owner or group, or have the service make the path for others: exz has --ipc-mode 660 for that"
        case .nobodyAtPath: "start the service; the file needs not be removed"
        case .notAccepting: "look whether the process still gets on, and restart it if it does not"
        case .silent(let process), .stopsTalking(let process):
            if let process, process.isStopped, let number = process.number {
                "have it go on: kill -CONT \(number)"
            } else if let process, process.number != nil {
                "it is frozen, or no ZeroMQ socket: look what \(process.text) does"
            } else {
                "it is frozen, or no ZeroMQ socket: look for its process with ss -ltnp, and whether it still runs with ps"
            }
        case .hangsUp:
            "something accepts for a service that is not there, such as a proxy or a container's port, "
                + "or it is being shut down: look at the service behind it"
        case .foreign: "it is the port of another service: look up which one the ZeroMQ socket has"
        case .oldProtocol: "use libzmq 4 or later on the other side"
        case .brokenProtocol: "look what stands between, and which library the peer uses"
        case .otherMechanism("CURVE", _):
            "give the server's public key: --server-key FILE, and --keys FILE if it wants them"
        case .otherMechanism("NULL", _): "connect without keys, or have the server use its own"
        case .otherMechanism("PLAIN", _):
            "connect with a user and a password, as the other commands do: --user NAME --password-file FILE"
        case .otherMechanism: "connect with what the server wants; exz has NULL, PLAIN and CURVE"
        case .otherType(let theirs, _):
            SocketTypes.fitting(theirs).isEmpty
                ? "look up which socket is the right one"
                : "use \(SocketTypes.inWords(SocketTypes.fitting(theirs), "or")), or look up the right endpoint"
        case .keyRefused: "have the server allow this client's key: exz keys show FILE"
        case .handshakeBroken(let tried):
            "compare the server's key, exz keys show FILE"
                + (tried.count > 1
                    ? ", and look again with --as \(SocketTypes.inWords(SocketTypes.handed, "or")): "
                        + "they are not tried without, as a server may hand them messages" : "")
        case .refusedByAuthenticator: "have the server allow this address"
        case .noHeartbeat(true): "the process or the network has stopped since: look again, and at the process"
        case .noHeartbeat(false): "it may be too old to know them: leave heartbeats off for it"
        case .nothingPublished: "look whether the publisher publishes, and waits for its subscribers before it does"
        case .otherTopics: "topics are compared byte by byte from their beginning: subscribe to one that is published"
        case .notRead: "the process does not keep up, and sends to it time out: look what it does with its messages"
        case .handed: "look with --as at a server in use only where it may lose messages"
        case .libraryMissing:
            "install it and run ldconfig, link with -Wl,-rpath,DIRECTORY, or set LD_LIBRARY_PATH to its directory"
        case .librariesMissing: "install them: libzmq is in the package libzmq5 of Debian and Ubuntu"
        case .addressInUse(let by) where by.isEmpty: "take another port, or see who has it as root: ss -tanp"
        case .addressInUse: "end that process, or take another address"
        case .addressElsewhere: "bind to tcp://*:PORT for every interface, or to an address of: ip address"
        case .portForbidden: "take a port above 1023, or give the service the capability CAP_NET_BIND_SERVICE"
        case .directoryMissing(let directory): "make it: mkdir -p \(directory)"
        case .directoryForbidden: "take a directory that the service owns, such as systemd's RuntimeDirectory="
        case .fileInTheWay: "take another path, or remove that file if it is of no use"
        }
    }

    private static func stop(of process: ProcessName?) -> String {
        guard let process, process.isStopped else { return "" }
        return "; \(process.text) does not run"
    }

    private static func quoted(_ topic: String) -> String { topic.isEmpty ? "any topic" : "\"\(topic)\"" }
}

/// Security mechanisms as a person reads them.
enum Mechanism {
    static func text(_ name: String) -> String { name == "NULL" ? "NULL (no security)" : name }
}
