// SPDX-License-Identifier: Apache-2.0

import CExperimanceZMQ
import ExperimanceZMQ

/// A C function that decides on peers.
@safe
final class AuthCallback: @unchecked Sendable {
    // Unchecked: the function and its argument are the caller's, who promises that any thread may use them.
    private let function: exz_auth_decide
    private let user: UnsafeMutableRawPointer?

    init(_ function: exz_auth_decide, _ user: UnsafeMutableRawPointer?) {
        unsafe self.function = function
        unsafe self.user = user
    }

    var decider: Decider { .function { [self] in decide($0) } }

    private func decide(_ request: AuthRequest) -> Decision {
        guard let password = try? terminated(request.password) else { return .refuse }
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(EXZ_USER_ID_SIZE)) { userID in
            unsafe userID.initialize(repeating: 0)
            guard let room = userID.baseAddress else { return .refuse }
            let answer = unsafe request.address.withCString { address in
                unsafe (request.publicKey?.text ?? "").withCString { key in
                    unsafe (request.username ?? "").withCString { username in
                        password.withBytes { secret in
                            var question = unsafe exz_auth_request(request)
                            unsafe question.address = address
                            unsafe question.public_key = key
                            unsafe question.username = username
                            unsafe question.password = secret.baseAddress?.assumingMemoryBound(to: CChar.self)
                            return unsafe function(user, &question, room)
                        }
                    }
                }
            }
            guard answer == Code.ok.rawValue else { return .refuse }
            // Without an end, or not UTF-8, it is no name.
            guard unsafe userID.contains(0), let name = unsafe String(validatingCString: room) else { return .refuse }
            return .admit(userID: name)
        }
    }

    /// With a NUL behind it, in memory that is wiped.
    private func terminated(_ password: SecretBytes?) throws(ZMQSocketError) -> SecretBytes {
        try SecretBytes(count: (password?.count ?? 0) + 1) { room in
            password?.withBytes { unsafe room.copyMemory(from: $0) }
        }
    }
}

extension exz_auth_request {
    fileprivate init(_ request: AuthRequest) {
        unsafe self.init()
        unsafe size = UInt32(MemoryLayout<exz_auth_request>.size)
        unsafe mechanism =
            request.publicKey != nil
            ? Int32(EXZ_SECURITY_CURVE_SERVER)
            : request.username != nil ? Int32(EXZ_SECURITY_PLAIN_SERVER) : Int32(EXZ_SECURITY_GUARDED)
        unsafe (uid, gid, pid) = (-1, -1, -1)
        if case .local(let user, let group, let process) = request.origin {
            unsafe (uid, gid, pid) = (Int64(user), Int64(group), Int64(process))
        }
    }
}
