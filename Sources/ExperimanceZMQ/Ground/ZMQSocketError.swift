// SPDX-License-Identifier: Apache-2.0

/// What went wrong, in one type for every operation of the library.
///
/// The codes have the same numbers in C (`exz_status`), Swift and Python.
public struct ZMQSocketError: Error, Hashable, Sendable {
    /// The kind of failure.
    public var code: Code
    /// The endpoint of a connect or a bind, as the caller wrote it.
    public var endpoint: String?
    /// Attempts that were made; nil where the operation does not count any.
    public var attempts: Int?
    /// Time from the start of the operation to its failure, where attempts are counted.
    public var elapsed: Duration?
    /// The operating system's or libzmq's errno behind the failure, where there is one.
    public var systemErrno: Int32?
    /// A sentence a person can act on.
    public var message: String
    /// The code of the last attempt, where `code` says only that attempts or time ran out.
    public var cause: Code?

    /// An error of that kind; a test or an operation of one's own throws it as the library does.
    ///
    /// - Parameters:
    ///   - code: the kind of failure.
    ///   - endpoint: the endpoint of a connect or a bind.
    ///   - attempts: attempts that were made.
    ///   - elapsed: the time they took.
    ///   - systemErrno: the errno behind the failure.
    ///   - message: a sentence a person can act on; nil is the code's own ``Code/explanation``.
    ///   - cause: the code of the last attempt, where `code` says only that attempts or time ran out.
    public init(
        _ code: Code,
        endpoint: String? = nil,
        attempts: Int? = nil,
        elapsed: Duration? = nil,
        systemErrno: Int32? = nil,
        message: String? = nil,
        cause: Code? = nil
    ) {
        self.code = code
        self.endpoint = endpoint
        self.attempts = attempts
        self.elapsed = elapsed
        self.systemErrno = systemErrno
        self.message = message ?? code.explanation
        self.cause = cause
    }
}

extension ZMQSocketError: CustomStringConvertible {
    /// The name of the code and the message.
    public var description: String { "\(code.name): \(message)" }
}

extension ZMQSocketError {
    /// The kinds of failure. More may come with later versions, so a `switch` over them needs a default.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The number, as in C's `exz_status`: failures are negative.
        public let rawValue: Int32

        /// The code of that number, also for numbers that this version has no name for.
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        /// No failure. Never thrown.
        package static let ok = Code(rawValue: 0)
        /// An argument, an option or an endpoint that makes no sense.
        public static let invalid = Code(rawValue: -1)
        /// Not a handle of this library.
        public static let handle = Code(rawValue: -2)
        /// The socket or its context is closed.
        public static let closed = Code(rawValue: -3)
        /// The wait was cancelled.
        public static let canceled = Code(rawValue: -4)
        /// The socket belongs to the parent of this forked process.
        public static let forked = Code(rawValue: -5)
        /// A signal arrived and the socket was asked to return then.
        public static let interrupted = Code(rawValue: -6)
        /// The time was up.
        public static let timeout = Code(rawValue: -7)
        /// Nothing listens at the endpoint.
        public static let refused = Code(rawValue: -8)
        /// There is no route to the host.
        public static let unreachable = Code(rawValue: -9)
        /// The host name could not be resolved.
        public static let resolve = Code(rawValue: -10)
        /// Whatever answers there is not a ZMTP 3 peer that fits this socket.
        public static let protocolError = Code(rawValue: -11)
        /// The peer wants another security mechanism, or rejects our key.
        public static let security = Code(rawValue: -12)
        /// The peer closed or reset the connection.
        public static let peerLost = Code(rawValue: -13)
        /// The retry policy's attempts are used up.
        public static let exhausted = Code(rawValue: -14)
        /// The address is in use.
        public static let addressInUse = Code(rawValue: -15)
        /// The address does not belong to this machine (yet), or the directory of an ipc path is missing.
        public static let addressNotAvailable = Code(rawValue: -16)
        /// The operating system does not permit it.
        public static let permission = Code(rawValue: -17)
        /// The buffer is too small; the message is kept.
        public static let tooSmall = Code(rawValue: -18)
        /// The message is larger than the socket's limit.
        public static let tooLarge = Code(rawValue: -19)
        /// Not possible in the socket's present state.
        public static let state = Code(rawValue: -20)
        /// This socket type, transport or peer can not do that.
        public static let notSupported = Code(rawValue: -21)
        /// Out of descriptors, sockets, threads or handles.
        public static let limit = Code(rawValue: -22)
        /// Out of memory.
        public static let noMemory = Code(rawValue: -23)
        /// The library, or libzmq, is of a version that does not fit.
        public static let version = Code(rawValue: -24)
        /// Something this library did not foresee; `systemErrno` says what libzmq or the system answered.
        public static let `internal` = Code(rawValue: -25)
    }
}

extension ZMQSocketError.Code {
    /// Every failure this version knows, in the order of their numbers in C.
    public static var allKnown: [ZMQSocketError.Code] {
        (1..<Int32(texts.count)).map { ZMQSocketError.Code(rawValue: -$0) }
    }

    /// The constant's name in C, such as `EXZ_ERR_TIMEOUT`.
    public var name: String { String(describing: text.name) }

    /// One sentence on what the code means.
    public var explanation: String { String(describing: text.explanation) }

    /// The name as a static, NUL-terminated string.
    package var staticName: StaticString { text.name }

    /// The explanation as a static, NUL-terminated string.
    package var staticExplanation: StaticString { text.explanation }

    /// Whether the retry policy tries again after this.
    public var isRetryable: Bool {
        switch self {
        case .refused, .unreachable, .resolve, .timeout, .peerLost, .addressInUse, .addressNotAvailable: true
        default: false
        }
    }

    /// This process lacks something that others give back any moment.
    var isShortage: Bool { self == .limit || self == .noMemory }

    /// The wait itself was ended, which says nothing about what was waited for.
    var endsWait: Bool {
        switch self {
        case .canceled, .closed, .interrupted: true
        default: false
        }
    }

    /// Throws unless the code is `ok`.
    @usableFromInline
    func check() throws(ZMQSocketError) {
        guard self == .ok else { throw ZMQSocketError(self) }
    }

    private typealias Text = (name: StaticString, explanation: StaticString)

    private var text: Text {
        let index = Int(rawValue).magnitude
        guard rawValue <= 0, index < UInt(Self.texts.count) else {
            return ("EXZ_ERR_UNKNOWN", "a status this version of the library has no name for")
        }
        return Self.texts[Int(index)]
    }

    /// Name and explanation by the magnitude of the code.
    private static let texts: [Text] = [
        ("EXZ_OK", "success"),
        ("EXZ_ERR_INVALID", "an argument, an option or an endpoint makes no sense"),
        ("EXZ_ERR_HANDLE", "not a handle of this library, or one of another kind"),
        ("EXZ_ERR_CLOSED", "the socket or its context is closed"),
        ("EXZ_ERR_CANCELED", "the wait was cancelled"),
        ("EXZ_ERR_FORKED", "the handle belongs to the parent process; open a new one after fork"),
        ("EXZ_ERR_INTERRUPTED", "a signal arrived during the wait"),
        ("EXZ_ERR_TIMEOUT", "the time was up"),
        ("EXZ_ERR_REFUSED", "nothing listens at the endpoint"),
        ("EXZ_ERR_UNREACHABLE", "there is no route to the host"),
        ("EXZ_ERR_RESOLVE", "the host name could not be resolved"),
        ("EXZ_ERR_PROTOCOL", "the peer is not a ZMTP 3 peer that fits this socket"),
        ("EXZ_ERR_SECURITY", "the peer wants another security mechanism, or rejects the key"),
        ("EXZ_ERR_PEER_LOST", "the peer closed or reset the connection"),
        ("EXZ_ERR_EXHAUSTED", "the attempts of the retry policy are used up"),
        ("EXZ_ERR_ADDRESS_IN_USE", "the address is in use"),
        ("EXZ_ERR_ADDRESS_NOT_AVAILABLE", "the address does not belong to this machine, or its directory is missing"),
        ("EXZ_ERR_PERMISSION", "the operating system does not permit it"),
        ("EXZ_ERR_TOO_SMALL", "the buffer is too small for the message, which is kept"),
        ("EXZ_ERR_TOO_LARGE", "the message is larger than the socket's limit"),
        ("EXZ_ERR_STATE", "not possible in the present state of the socket"),
        ("EXZ_ERR_NOT_SUPPORTED", "this socket type, transport or peer can not do that"),
        ("EXZ_ERR_LIMIT", "out of descriptors, sockets, threads or handles"),
        ("EXZ_ERR_NO_MEMORY", "out of memory"),
        ("EXZ_ERR_VERSION", "the version of the library or of libzmq does not fit"),
        ("EXZ_ERR_INTERNAL", "an unforeseen answer of libzmq or the operating system"),
    ]
}
