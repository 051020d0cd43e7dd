// SPDX-License-Identifier: Apache-2.0

/// What is wrong with an endpoint, as certain as it is known.
enum Fault: Equatable, Sendable {
    // MARK: On the way there
    case nameUnknown(host: String, words: String)
    case nameServerSilent(host: String)
    case noRoute(words: String)
    case refused(isLocal: Bool, elsewhere: [String])
    case noAnswer
    case connectFailed(words: String)
    case addressesSilent([String])

    // MARK: A path of ipc
    case pathMissing
    case notASocket(kind: String)
    case pathForbidden(words: String)
    case nobodyAtPath(isAbstract: Bool)
    case notAccepting

    // MARK: Who answers
    case silent(ProcessName?)
    case stopsTalking(ProcessName?)
    case hangsUp
    case foreign(String)
    case oldProtocol(Int)
    case brokenProtocol(String)
    case otherMechanism(theirs: String, ours: String)
    /// Ours is nil where none of the library's types can talk to it.
    case otherType(theirs: String, ours: String?)
    case keyRefused(words: String)
    /// Under a mechanism with keys the other side does not say why it hangs up.
    case handshakeBroken(tried: [String])
    case refusedByAuthenticator(status: String)

    // MARK: What becomes of messages
    case noHeartbeat(isExpected: Bool)
    case nothingPublished(topic: String)
    case otherTopics(topic: String, seen: [String])
    case notRead(bytes: UInt64, connections: Int)
    /// The doctor itself was one of those who are handed something.
    case handed(as: String)

    // MARK: The library
    case libraryMissing(name: String)
    case librariesMissing(of: String, [String])

    // MARK: To listen there
    case addressInUse(by: [ProcessName])
    case addressElsewhere(host: String)
    case portForbidden(port: UInt16)
    case directoryMissing(String)
    case directoryForbidden(String, words: String)
    case fileInTheWay(kind: String)

    /// A word for programs.
    var name: String {
        switch self {
        case .nameUnknown: "name-unknown"
        case .nameServerSilent: "name-server-silent"
        case .noRoute: "no-route"
        case .refused: "refused"
        case .noAnswer: "no-answer"
        case .connectFailed: "connect-failed"
        case .addressesSilent: "addresses-silent"
        case .pathMissing: "path-missing"
        case .notASocket: "not-a-socket"
        case .pathForbidden: "path-forbidden"
        case .nobodyAtPath: "nobody-at-path"
        case .notAccepting: "not-accepting"
        case .silent: "silent"
        case .stopsTalking: "stops-talking"
        case .hangsUp: "hangs-up"
        case .foreign: "foreign"
        case .oldProtocol: "old-protocol"
        case .brokenProtocol: "broken-protocol"
        case .otherMechanism: "other-mechanism"
        case .otherType: "other-type"
        case .keyRefused: "key-refused"
        case .handshakeBroken: "handshake-broken"
        case .refusedByAuthenticator: "not-let-in"
        case .noHeartbeat: "no-heartbeat"
        case .nothingPublished: "nothing-published"
        case .otherTopics: "other-topics"
        case .notRead: "not-read"
        case .handed: "handed"
        case .libraryMissing: "library-missing"
        case .librariesMissing: "libraries-missing"
        case .addressInUse: "address-in-use"
        case .addressElsewhere: "address-elsewhere"
        case .portForbidden: "port-forbidden"
        case .directoryMissing: "directory-missing"
        case .directoryForbidden: "directory-forbidden"
        case .fileInTheWay: "file-in-the-way"
        }
    }

    /// Whether nothing is known but that the time was up.
    var isOnlyTime: Bool {
        switch self {
        case .nameServerSilent, .noAnswer: true
        default: false
        }
    }
}
