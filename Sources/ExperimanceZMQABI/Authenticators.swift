// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ

@implementation @_cdecl("exz_authenticator_options_init")
public func exz_authenticator_options_init(
    _ options: UnsafeMutablePointer<exz_authenticator_options>!
) -> exz_status {
    guard let options = unsafe options else { return failed(.invalid) }
    unsafe options.pointee = exz_authenticator_options()
    unsafe options.pointee.size = UInt32(MemoryLayout<exz_authenticator_options>.size)
    unsafe options.pointee.decision_timeout_ms = Authenticator.usualDecision
    return Code.ok.rawValue
}

@implementation @_cdecl("exz_authenticator_open")
public func exz_authenticator_open(
    _ out: UnsafeMutablePointer<exz_authenticator>!,
    _ ctx: exz_context,
    _ options: UnsafePointer<exz_authenticator_options>!
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let out = unsafe out else { throw .invalid("out is NULL") }
        var timeout = Authenticator.usualDecision
        var decider: Decider?
        if let options = unsafe options {
            try unsafe checkSize(
                of: options,
                "exz_authenticator_options",
                hint: "EXZ_AUTHENTICATOR_OPTIONS_INIT"
            )
            timeout = unsafe options.pointee.decision_timeout_ms
            decider = unsafe options.pointee.decide.map { unsafe AuthCallback($0, options.pointee.user).decider }
        }
        let authenticator = try context(of: ctx).openAuthenticator(decider, decisionTimeout: timeout)
        unsafe out.pointee = exz_authenticator(id: try authenticators.insert(authenticator) { $0.end() })
    }
}

@implementation @_cdecl("exz_authenticator_allow_key")
public func exz_authenticator_allow_key(
    _ a: exz_authenticator,
    _ public_key: UnsafePointer<CChar>!,
    _ user_id: UnsafePointer<CChar>!
) -> exz_status {
    status { () throws(ZMQSocketError) in
        let authenticator = try a.authenticator()
        let userID = try unsafe user_id.map { (name) throws(ZMQSocketError) in try unsafe shortText(name, "user_id") }
        try unsafe authenticator.allow(key(public_key), as: userID)
    }
}

@implementation @_cdecl("exz_authenticator_deny_key")
public func exz_authenticator_deny_key(
    _ a: exz_authenticator,
    _ public_key: UnsafePointer<CChar>!,
    _ flags: UInt32
) -> exz_status {
    status { () throws(ZMQSocketError) in
        let authenticator = try a.authenticator()
        let key = try unsafe key(public_key)
        try authenticator.deny(key, endLinks: endsLinks(flags))
    }
}

@implementation @_cdecl("exz_authenticator_allow_keys")
public func exz_authenticator_allow_keys(
    _ a: exz_authenticator,
    _ path: UnsafePointer<CChar>!,
    _ flags: UInt32
) -> exz_status {
    status { () throws(ZMQSocketError) in
        let authenticator = try a.authenticator()
        let endLinks = try endsLinks(flags)
        try unsafe authenticator.allow(keysAt: filePath(path), endLinks: endLinks)
    }
}

@implementation @_cdecl("exz_authenticator_allow_address")
public func exz_authenticator_allow_address(_ a: exz_authenticator, _ address: UnsafePointer<CChar>!) -> exz_status {
    status { () throws(ZMQSocketError) in
        try unsafe a.authenticator().allow(address: shortText(address, "address"))
    }
}

@implementation @_cdecl("exz_authenticator_deny_address")
public func exz_authenticator_deny_address(_ a: exz_authenticator, _ address: UnsafePointer<CChar>!) -> exz_status {
    status { () throws(ZMQSocketError) in
        try unsafe a.authenticator().deny(address: shortText(address, "address"))
    }
}

@implementation @_cdecl("exz_authenticator_allow_user")
public func exz_authenticator_allow_user(_ a: exz_authenticator, _ uid: UInt32) -> exz_status {
    status { () throws(ZMQSocketError) in try a.authenticator().allow(user: uid) }
}

@implementation @_cdecl("exz_authenticator_allow_group")
public func exz_authenticator_allow_group(_ a: exz_authenticator, _ gid: UInt32) -> exz_status {
    status { () throws(ZMQSocketError) in try a.authenticator().allow(group: gid) }
}

@implementation @_cdecl("exz_authenticator_allow_password")
public func exz_authenticator_allow_password(
    _ a: exz_authenticator,
    _ username: UnsafePointer<CChar>!,
    _ password: UnsafePointer<CChar>!
) -> exz_status {
    status { () throws(ZMQSocketError) in
        let authenticator = try a.authenticator()
        let username = try unsafe shortText(username, "username")
        guard let password = unsafe password else { throw .invalid("password is NULL") }
        try unsafe authenticator.allow(username: username, SecretBytes(copying: shortBytes(of: password)))
    }
}

@implementation @_cdecl("exz_authenticator_stats")
public func exz_authenticator_stats(
    _ out: UnsafeMutablePointer<exz_authenticator_statistics>!,
    _ a: exz_authenticator
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let out = unsafe out else { throw .invalid("out is NULL") }
        try unsafe checkSize(
            of: out,
            "exz_authenticator_statistics",
            hint: "EXZ_AUTHENTICATOR_STATISTICS_INIT"
        )
        let statistics = try a.authenticator().statistics
        unsafe out.pointee.fill(with: statistics)
    }
}

@implementation @_cdecl("exz_authenticator_wait")
public func exz_authenticator_wait(
    _ a: exz_authenticator,
    _ what: exz_authenticator_count,
    _ at_least: UInt64,
    _ timeout_ms: Int32
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let count = AuthenticatorCount(rawValue: what) else {
            throw .invalid("\(what) is not one of EXZ_AUTHENTICATOR_COUNT_…")
        }
        try a.authenticator().wait(for: count, atLeast: at_least, until: Deadline(ofCall: timeout_ms))
    }
}

@implementation @_cdecl("exz_authenticator_close")
public func exz_authenticator_close(_ a: exz_authenticator, _ timeout_ms: Int32) -> exz_status {
    status { () throws(ZMQSocketError) in
        let deadline = try Deadline(ofCall: timeout_ms)
        guard let authenticator = try authenticators.valueToClose(of: a.id) else { return }
        guard try authenticator.close(until: deadline) else {
            throw ZMQSocketError(.timeout, message: "a decision is being made; everything else is done")
        }
        _ = try authenticators.remove(a.id)
    }
}

/// - Throws: `invalid` for unknown flags.
private func endsLinks(_ flags: UInt32) throws(ZMQSocketError) -> Bool {
    guard flags & ~EXZ_AUTHENTICATOR_END_LINKS == 0 else { throw .invalid("flags has unknown bits: \(flags)") }
    return flags & EXZ_AUTHENTICATOR_END_LINKS != 0
}

private func key(_ text: UnsafePointer<CChar>?) throws(ZMQSocketError) -> ZMQCurvePublicKey {
    guard let text = unsafe text else { throw .invalid("public_key is NULL") }
    return try unsafe ZMQCurvePublicKey(text: shortBytes(of: text), named: "public_key")
}

/// A text that is to be short: of a longer one the beginning, which is too long as well.
private func shortText(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(ZMQSocketError) -> String {
    guard let pointer = unsafe pointer else { throw .invalid("\(name) is NULL") }
    guard let text = unsafe String(validating: shortBytes(of: pointer), as: UTF8.self) else {
        throw .invalid("\(name) is not UTF-8")
    }
    return text
}

extension exz_authenticator {
    fileprivate func authenticator() throws(ZMQSocketError) -> Authenticator { try authenticators.value(of: id) }
}

extension exz_authenticator_statistics {
    fileprivate mutating func fill(with statistics: AuthenticatorStatistics) {
        pending = UInt32(clamping: statistics.pending)
        accepted = statistics.admitted
        refused = statistics.refused
        refused_address = statistics.refused(for: .address)
        refused_user = statistics.refused(for: .localUser)
        refused_key = statistics.refused(for: .key)
        refused_password = statistics.refused(for: .password)
        refused_decision = statistics.refused(for: .decision)
        refused_late = statistics.refused(for: .late)
        refused_busy = statistics.refused(for: .busy)
        refused_other = statistics.refusedOther
        late_decisions = statistics.lateDecisions
        keys = UInt64(clamping: statistics.keys)
        unreadable_files = UInt64(clamping: statistics.unreadableFiles)
        key_changes = statistics.keyChanges
    }
}
