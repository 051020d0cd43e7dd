// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import TestSupport

extension ZMQSocketError.Code {
    /// The constants by their names in C.
    static let constants: [String: ZMQSocketError.Code] = [
        "EXZ_OK": .ok, "EXZ_ERR_INVALID": .invalid, "EXZ_ERR_HANDLE": .handle, "EXZ_ERR_CLOSED": .closed,
        "EXZ_ERR_CANCELED": .canceled, "EXZ_ERR_FORKED": .forked, "EXZ_ERR_INTERRUPTED": .interrupted,
        "EXZ_ERR_TIMEOUT": .timeout, "EXZ_ERR_REFUSED": .refused, "EXZ_ERR_UNREACHABLE": .unreachable,
        "EXZ_ERR_RESOLVE": .resolve, "EXZ_ERR_PROTOCOL": .protocolError, "EXZ_ERR_SECURITY": .security,
        "EXZ_ERR_PEER_LOST": .peerLost, "EXZ_ERR_EXHAUSTED": .exhausted, "EXZ_ERR_ADDRESS_IN_USE": .addressInUse,
        "EXZ_ERR_ADDRESS_NOT_AVAILABLE": .addressNotAvailable, "EXZ_ERR_PERMISSION": .permission,
        "EXZ_ERR_TOO_SMALL": .tooSmall, "EXZ_ERR_TOO_LARGE": .tooLarge, "EXZ_ERR_STATE": .state,
        "EXZ_ERR_NOT_SUPPORTED": .notSupported, "EXZ_ERR_LIMIT": .limit, "EXZ_ERR_NO_MEMORY": .noMemory,
        "EXZ_ERR_VERSION": .version, "EXZ_ERR_INTERNAL": .internal,
    ]
}

extension DataLine {
    /// The status that a column names.
    func code(_ name: String) throws -> ZMQSocketError.Code {
        try require(ZMQSocketError.Code.constants[name], "there is no status \(name)")
    }
}
